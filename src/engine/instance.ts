/**
 * Was it the same engine all along? Databases of the engine Memory, temporary tables and sessions end with the engine's
 * process. Work that uses them asks here, and begins again when another engine, or the same server after a restart, answers.
 */
import type { Engine } from "./engine.ts";
import { isLostAnswer } from "./engine-error.ts";

/** Engines that one piece of work may lose before its error is shown. */
const MOST_ENGINES = 5;

/**
 * The result or error of `work` as it is when one engine answered from its beginning to its end. `work` is done again, at
 * most four times, when its engine was lost in between: it must be allowed to be done twice.
 */
export async function onOneEngine<T>(engine: Pick<Engine, "instance">, work: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    const before = await engine.instance();
    try {
      const result = await work();
      if (round === MOST_ENGINES || !(await wasLost(engine, before))) return result;
    } catch (error) {
      if (round === MOST_ENGINES) throw error;
      if (!isLostAnswer(error) && !(await wasLost(engine, before))) throw error;
    }
  }
}

/**
 * True when the engine that answers now is not the one of `before` (a value of `engine.instance()`), or none answers.
 * Never throws.
 */
export async function wasLost(engine: Pick<Engine, "instance">, before: string): Promise<boolean> {
  const now = await engine.instance().catch(() => undefined);
  return now !== before;
}

/** Whole seconds are rounded on both clocks, and clocks are set by small steps: starts this close are one start, seconds. */
const SAME_START_S = 3;

/** What a server tells about the life it is in. */
export interface ServerLife {
  /** Identity of the server's data directory; the same after a restart. */
  readonly server: string;
  /** Start of its process, seconds since 1970. */
  readonly start: number;
}

/**
 * Turns what a server tells into an id that changes with its restart, and only then: `start` is computed from two clocks
 * and may differ by a second or so from answer to answer.
 */
export function serverInstances(): (life: ServerLife) => string {
  let known: (ServerLife & { readonly id: string }) | undefined;
  return (life) => {
    const same =
      known?.server === life.server && Math.abs(life.start - known.start) <= SAME_START_S
        ? known.id
        : undefined;
    known = { ...life, id: same ?? `${life.server}@${life.start}` };
    return known.id;
  };
}
