/** How long an object has not changed, by the reader's own clock: clocks of two machines are never compared. */

/** What was read, and since when it reads like this. */
export interface Observed {
  /** undefined: there was no such object. */
  readonly bytes: Uint8Array | undefined;
  /** Milliseconds from the first time it was seen like this to the start of this reading; 0 the first time. */
  readonly silent: number;
}

/** Remembers what it has seen of each key. */
export type Silence = (key: string, read: () => Promise<Uint8Array | undefined>) => Promise<Observed>;

/** Keys remembered at most; the one seen first is forgotten first, and then counts as seen for the first time. */
const most = 10_000;

/** `monotonic`: milliseconds that only grow, e.g. `performance.now`. */
export function watchSilence(monotonic: () => number): Silence {
  const seen = new Map<string, { readonly content: string; readonly since: number }>();
  return async (key, read) => {
    // The time before the reading: this process may have been stopped while the answer was on its way.
    const started = monotonic();
    const bytes = await read();
    const content = bytes === undefined ? "absent" : `=${Buffer.from(bytes).toString("base64")}`;
    const known = seen.get(key);
    if (known?.content === content) return { bytes, silent: Math.max(0, started - known.since) };
    seen.delete(key);
    seen.set(key, { content, since: monotonic() });
    for (const oldest of seen.keys()) {
      if (seen.size <= most) break;
      seen.delete(oldest);
    }
    return { bytes, silent: 0 };
  };
}
