/** Sweeps on a timer: a process that stays removes what others left behind, not only when it starts a run. */
import { recover } from "../runs/index.ts";
import { messageOf } from "../util/errors.ts";
import type { OpenedHost } from "./host.ts";

/** Milliseconds between two sweeps. */
const period = 60_000;

/** A sweeper that is going on. */
export interface Sweeper {
  /** Ends it, after the sweep that is going on. */
  stop(): Promise<void>;
}

/**
 * Sweeps every `everyMs` milliseconds (default 60,000) until stopped, each time after what is published was recorded: rejects of a
 * killed run belong to what it has published. A sweep that fails is a warning; the next one tries again.
 */
export function startSweeper(host: OpenedHost, everyMs: number = period): Sweeper {
  let going: Promise<void> | undefined;
  const once = (): void => {
    going ??= recover(host)
      .catch((error: unknown) =>
        host.warn(`what dead processes left could not be removed: ${messageOf(error)}`),
      )
      .finally(() => {
        going = undefined;
      });
  };
  const timer = setInterval(once, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await going;
    },
  };
}
