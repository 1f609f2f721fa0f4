/** What one attempt of a task leaves for the report. */
import type { CheckResult } from "../api/checks.ts";
import type { TaskCounts } from "../api/runs.ts";
import type { ShoplakeError } from "../util/errors.ts";
import type { Action } from "./types.ts";

export interface TaskOutcome {
  readonly action: Action;
  readonly reason: string;
  /** undefined: nothing is published yet. */
  readonly version?: number;
  readonly counts: TaskCounts;
  /** Of the data files that were published; absent where they are not known. */
  readonly bytes?: number;
  readonly checks: readonly CheckResult[];
  /** Checks that stopped the publication: everything went well, the data is bad. */
  readonly failure?: ShoplakeError;
}
