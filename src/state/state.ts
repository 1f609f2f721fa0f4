/** The memory of runs, in the engine's `ops` database. */

import type { Engine } from "../engine/engine.ts";
import { openAccess } from "./access.ts";
import { type Checks, openChecks } from "./checks.ts";
import { openPublications, type Publications } from "./publications.ts";
import type { RunDetail } from "./records.ts";
import { retain } from "./retention.ts";
import { openRuns, type Runs } from "./runs.ts";
import { ensureSchema, type LakePlace } from "./schema.ts";
import { openTasks, type Tasks } from "./tasks.ts";

/**
 * Recording the same thing again shows it once. Runs are written when the call returns. Publications, tasks and
 * check results are collected and written together: within half a second, and before the end of the run, `flush` or any read
 * here. An INSERT costs several milliseconds of CPU. What a kill loses of publications is added from the lake and the
 * warehouse by the next run; a run whose tasks are missing is shown as dead.
 */
export interface State {
  /** What was started. */
  readonly runs: Runs;
  /** What runs did to datasets. */
  readonly tasks: Tasks;
  /** Which versions there were. */
  readonly publications: Publications;
  /** What checks found. */
  readonly checks: Checks;
  /** Writes what was collected. */
  flush(): Promise<void>;
  /**
   * Drops the months that ended before `since`, but for what is still needed: see retention.ts. Does something once a
   * month; one statement otherwise.
   */
  retain(since: Date): Promise<void>;
}

/**
 * Opens the state; creates its tables when they are missing, migrates those of an older version. `clock` stamps what is
 * recorded. With its `lake`, several processes may open it at the same time. Throws `unsupported` when a newer program has written the state.
 */
export async function openState(engine: Engine, clock: () => Date, lake?: LakePlace): Promise<State> {
  await ensureSchema(engine, lake);
  const access = openAccess(engine, clock);
  return {
    runs: openRuns(access),
    tasks: openTasks(access),
    publications: openPublications(access),
    checks: openChecks(access),
    flush: access.flush,
    async retain(since) {
      await access.flush();
      await retain(engine, since);
    },
  };
}

/** A run with its tasks and checks; undefined: no such run. */
export async function runDetail(state: State, runId: string): Promise<RunDetail | undefined> {
  const [runs, tasks, checks] = await Promise.all([
    state.runs.list({ idBegins: runId }),
    state.tasks.ofRun(runId),
    state.checks.ofRun(runId),
  ]);
  const run = runs.find((candidate) => candidate.runId === runId);
  return run && { run, tasks, checks };
}
