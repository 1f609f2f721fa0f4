/** Waiting. Every wait has a name, so that an error can say what was waited for; a signal that ends it; and a bound. */
import { setTimeout as sleep } from "node:timers/promises";
import { ShoplakeError } from "./errors.ts";

/** What every wait says of itself. */
export interface Wait {
  /** What is waited for, as in "gave up waiting for <name>". */
  readonly name: string;
  /** Ends the waiting at once. Default: nobody does. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The result of `promise`. Throws the signal's reason (or `interrupted`) as soon as the signal is aborted, and `io`, retryable, after
 * `timeoutMs`. The work behind the promise is not stopped by that: its own end is nobody's any more, also when it fails.
 */
export async function waitOrAbort<T>(
  promise: Promise<T>,
  { name, signal, timeoutMs }: Wait & { readonly timeoutMs: number },
): Promise<T> {
  promise.catch(() => undefined);
  if (signal?.aborted) throw interruption(signal, name);
  const over = new AbortController();
  const others = [over.signal, ...(signal === undefined ? [] : [signal])];
  const bound = sleep(timeoutMs, undefined, { signal: AbortSignal.any(others) }).then(
    () => {
      throw timedOut(name, timeoutMs);
    },
    () => {
      if (signal?.aborted) throw interruption(signal, name);
      return new Promise<never>(() => undefined);
    },
  );
  bound.catch(() => undefined);
  try {
    return await Promise.race([promise, bound]);
  } finally {
    over.abort();
  }
}

/** Lets time pass. Throws the signal's reason (or `interrupted`) as soon as the signal is aborted. */
export async function pause(ms: number, { name, signal }: Wait): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.aborted ? interruption(signal, name) : error;
  }
}

/** What a wait throws that was ended by its signal: the signal's reason when it is one of ours, else `interrupted`. */
export function interruption({ reason }: AbortSignal, name: string): ShoplakeError {
  if (reason instanceof ShoplakeError) return reason;
  return new ShoplakeError("interrupted", "interrupted", {
    where: `while waiting for ${name}`,
    cause: reason,
  });
}

/** What a wait throws that came to its bound: `io`, retryable. */
export function timedOut(name: string, timeoutMs: number): ShoplakeError {
  const seconds = timeoutMs / 1000;
  return new ShoplakeError("io", `gave up waiting for ${name} after ${seconds} s`, {
    where: name,
    hint: "What it waits for may hang or be overloaded. Run again when it is well.",
    retryable: true,
  });
}
