/** What one attempt of a task leaves for the report. */
import type { CheckResult } from "../api/checks.ts";
import type { TaskCounts } from "../api/runs.ts";
import type { ShoplakeError } from "../util/errors.ts";
import type { Action } from "./types.ts";

/** A version as messages name it, and as it is told from every other one. */
export interface PublishedVersion {
  /** For people; not unique. */
  readonly version: number;
  /** Opaque, compared whole: a number comes back with other rows after a restore. */
  readonly versionId: string;
}

/** What one attempt did. */
export interface TaskOutcome extends Partial<PublishedVersion> {
  /** What was done in the end. */
  readonly action: Action;
  /** Why, in one line for a person. */
  readonly reason: string;
  /** What became of the rows that were read. */
  readonly counts: TaskCounts;
  /** Of the data files that were published; absent where they are not known. */
  readonly bytes?: number;
  /** Results of its audit; [] when there was none. */
  readonly checks: readonly CheckResult[];
  /** Checks that stopped the publication: everything went well, the data is bad. */
  readonly failure?: ShoplakeError;
}
