/** Doing again what can be done again. */

/** Repeats `work` while `again(error)` says that it may succeed now, at most `attempts` times in all; throws the last error. */
export async function retrying<T>(
  work: () => Promise<T>,
  { attempts, again }: { readonly attempts: number; readonly again: (error: unknown) => boolean },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !again(error)) throw error;
    }
  }
}
