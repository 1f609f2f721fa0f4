/** What a migration is: one numbered step from the state of an older version to the next. */
import type { Engine } from "../../engine/engine.ts";
import type { LakeStore } from "../../lake/store/store.ts";

/** What a migration may change. */
export interface MigrationPlace {
  /** Holds the database `ops`; it exists. */
  readonly engine: Engine;
  /** The lake's files, for a migration that changes them. undefined: the state was opened without its lake. */
  readonly store: LakeStore | undefined;
}

/**
 * One step. A process may be killed in the middle of it, and then it is done again from its start: `up` looks at what is
 * there and does what is missing. It never runs twice at the same time.
 */
export interface Migration {
  /** The version of the state after it; grows by one from file to file. */
  readonly number: number;
  /** Name of its file without the number: "months" for `0002-months.ts`. */
  readonly name: string;
  /** Does the step. Also right for a state without any table: it creates what this version has. */
  up(place: MigrationPlace): Promise<void>;
}
