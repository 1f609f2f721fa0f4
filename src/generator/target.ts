/** What all places that a shop is written to have in common. */

export interface Progress {
  readonly table: string;
  /** Of this table, so far. */
  readonly rows: number;
}

export interface LoadOptions {
  /** Stops the load; nothing of it is seen then. */
  readonly signal?: AbortSignal;
  /** Called now and then, and at the end of each table. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Loaded {
  /** Table -> rows that were written. */
  readonly rows: Readonly<Record<string, number>>;
}
