/** A place that a shop is written to: a database or a folder. */
import type { ShopPlan } from "./plan.ts";
import type { ShopRecord } from "./record.ts";

/** Where a shop is written; all of it can be repeated after a kill. */
export interface ShopTarget {
  /** For messages; holds no secret. */
  readonly where: string;
  /** What is there; undefined when nothing is. Throws a `usage` error when something else is. */
  record(): Promise<ShopRecord | undefined>;
  /** Writes the whole shop into the empty place. Throws a `usage` error when something is there: nothing is changed then. */
  load(plan: ShopPlan, options?: LoadOptions): Promise<Loaded>;
  /**
   * Writes what was inserted or changed on the day after the last one; undefined when `until` is there already. Throws a `usage` error
   * for a later day, or when there is no shop. Killed at any moment and called again, it gives the same.
   */
  bringOn(until: string, options?: LoadOptions): Promise<Loaded | undefined>;
}

/** How the caller follows and stops the work. */
export interface LoadOptions {
  /** Stops the load; nothing of it is seen then. */
  readonly signal?: AbortSignal;
  /** Called now and then, and at the end of each table. */
  readonly onProgress?: (progress: Progress) => void;
}

/** How far it has come. */
export interface Progress {
  /** The one that is being written. */
  readonly table: string;
  /** Of this table, so far. */
  readonly rows: number;
}

/** What was written. */
export interface Loaded {
  /** Table -> rows that were written. */
  readonly rows: Readonly<Record<string, number>>;
}
