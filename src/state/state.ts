/** The memory of runs, in the engine's `ops` database. */

import type { CheckResult } from "../api/checks.ts";
import type { Engine } from "../engine/engine.ts";
import { insertBuffer } from "./insert-buffer.ts";
import type {
  CheckRow,
  PublicationRecord,
  PublicationRow,
  RunDetail,
  RunRecord,
  RunRow,
  TaskRecord,
  TaskRow,
} from "./records.ts";
import {
  checkToRow,
  publicationToRow,
  type Raw,
  rowToCheck,
  rowToPublication,
  rowToRun,
  rowToTask,
  runToRow,
  taskToRow,
} from "./rows.ts";
import { ensureSchema } from "./schema.ts";

/**
 * Recording the same thing again shows it once. Runs are written when the call returns. Publications, tasks and
 * check results are collected and written together: within half a second, and before the end of the run, `flush` or any read
 * here. An INSERT costs several milliseconds of CPU. What a kill loses of publications is added from the lake and the
 * warehouse by the next run; a run whose tasks are missing is shown as dead.
 */
export interface State {
  /** When a run starts and when it ends; the later state wins. */
  recordRun(run: RunRecord): Promise<void>;
  recordTask(...tasks: readonly TaskRecord[]): Promise<void>;
  recordChecks(
    of: { readonly runId: string; readonly taskId: string },
    results: readonly CheckResult[],
  ): Promise<void>;
  /** Makes the rejects that were staged under the same task id visible. */
  recordPublication(...publications: readonly PublicationRecord[]): Promise<void>;
  /** Writes what was collected. */
  flush(): Promise<void>;
  /** Newest first. */
  listRuns(limit?: number): Promise<readonly RunRow[]>;
  /** undefined: no such run. */
  runDetail(runId: string): Promise<RunDetail | undefined>;
  /** Tasks of a dataset, newest first. */
  taskHistory(dataset: string, limit?: number): Promise<readonly TaskRow[]>;
  /** The newest publication of every dataset, by dataset. */
  lastPublications(): Promise<ReadonlyMap<string, PublicationRow>>;
  /** Publications of a dataset, newest first. */
  publications(dataset: string, limit?: number): Promise<readonly PublicationRow[]>;
  /** True when a publication of this task is recorded: decides whether a crash needs a roll-forward. */
  isPublished(taskId: string): Promise<boolean>;
  /** Results of the newest audit of a dataset. */
  lastChecks(dataset: string): Promise<readonly CheckRow[]>;
  /** Row counts after the last `n` publications, newest first. */
  rowCountHistory(dataset: string, n: number): Promise<readonly number[]>;
}

/** Opens the state; creates its tables when they are missing. `clock` stamps what is recorded. */
export async function openState(engine: Engine, clock: () => Date): Promise<State> {
  await ensureSchema(engine);
  const buffer = insertBuffer(engine);
  return {
    async recordRun(run) {
      await buffer.flush();
      await engine.insert("ops.runs_log", [runToRow(run, clock())]);
    },
    async recordTask(...tasks) {
      buffer.add(
        "ops.tasks_log",
        tasks.map((task) => taskToRow(task, clock())),
      );
    },
    async recordChecks(of, results) {
      buffer.add(
        "ops.check_results_log",
        results.map((result) => checkToRow(of, result, clock())),
      );
    },
    async recordPublication(...publications) {
      buffer.add(
        "ops.publications_log",
        publications.map((publication) => publicationToRow(publication, clock())),
      );
    },
    flush: buffer.flush,
    ...reads(engine, buffer.flush),
  };
}

type Reads = Omit<State, "recordRun" | "recordTask" | "recordChecks" | "recordPublication" | "flush">;

function reads(engine: Engine, flush: () => Promise<void>): Reads {
  const rows = async (sql: string, params: Readonly<Record<string, string | number>>) => {
    await flush();
    return engine.rows<Raw>(sql, { params });
  };
  return {
    listRuns: async (limit = 50) =>
      (
        await rows(`SELECT * FROM ops.runs ORDER BY started_at DESC, run_id DESC LIMIT {n:UInt32}`, {
          n: limit,
        })
      ).map(rowToRun),
    runDetail: (runId) => runDetail(rows, runId),
    taskHistory: async (dataset, limit = 50) =>
      (
        await rows(
          "SELECT * FROM ops.tasks WHERE dataset = {dataset:String} ORDER BY started_at DESC, task_id DESC LIMIT {n:UInt32}",
          { dataset, n: limit },
        )
      ).map(rowToTask),
    lastPublications: async () => {
      const found = await rows(
        "SELECT * FROM ops.publications ORDER BY published_at DESC, version DESC LIMIT 1 BY dataset",
        {},
      );
      return new Map(found.map(rowToPublication).map((row) => [row.dataset, row]));
    },
    publications: async (dataset, limit = 50) =>
      (
        await rows(
          "SELECT * FROM ops.publications WHERE dataset = {dataset:String} ORDER BY published_at DESC, version DESC LIMIT {n:UInt32}",
          { dataset, n: limit },
        )
      ).map(rowToPublication),
    isPublished: async (task) =>
      (
        await rows("SELECT 1 AS found FROM ops.publications_log WHERE task_id = {task:String} LIMIT 1", {
          task,
        })
      ).length > 0,
    lastChecks: async (dataset) =>
      (
        await rows(
          "SELECT * FROM ops.check_results WHERE task_id = (SELECT argMax(task_id, recorded_at) FROM ops.check_results_log WHERE dataset = {dataset:String}) ORDER BY name",
          { dataset },
        )
      ).map(rowToCheck),
    rowCountHistory: async (dataset, n) =>
      (
        await rows(
          "SELECT ifNull(rows_total, rows_published) AS n FROM ops.publications WHERE dataset = {dataset:String} ORDER BY published_at DESC, version DESC LIMIT {n:UInt32}",
          { dataset, n },
        )
      ).map((row) => Number(row["n"])),
  };
}

async function runDetail(
  rows: (sql: string, params: Readonly<Record<string, string>>) => Promise<Raw[]>,
  runId: string,
): Promise<RunDetail | undefined> {
  const [runs, tasks, checks] = await Promise.all([
    rows("SELECT * FROM ops.runs WHERE run_id = {runId:String}", { runId }),
    rows("SELECT * FROM ops.tasks WHERE run_id = {runId:String} ORDER BY started_at, dataset", { runId }),
    rows("SELECT * FROM ops.check_results WHERE run_id = {runId:String} ORDER BY dataset, name", { runId }),
  ]);
  const [run] = runs;
  if (!run) return undefined;
  return { run: rowToRun(run), tasks: tasks.map(rowToTask), checks: checks.map(rowToCheck) };
}
