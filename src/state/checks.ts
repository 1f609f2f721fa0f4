/** Results of checks. */
import type { CheckResult } from "../api/checks.ts";
import type { Access } from "./access.ts";
import type { CheckRow } from "./records.ts";
import { checkToRow, rowToCheck } from "./rows.ts";
import { latestChecks } from "./views.ts";

/** What checks found: by run, and the newest of each dataset. */
export interface Checks {
  /** The results of a task's audit. Collected and written together. */
  record(
    of: { readonly runId: string; readonly taskId: string },
    results: readonly CheckResult[],
  ): Promise<void>;
  /** By dataset and name. */
  ofRun(runId: string): Promise<readonly CheckRow[]>;
  /** Results of the newest audit of a dataset, by name. */
  newest(dataset: string): Promise<readonly CheckRow[]>;
}

/** Works on `ops.check_results_log`; its tables must be there. */
export function openChecks(access: Access): Checks {
  return {
    async record(of, results) {
      const now = access.clock();
      access.add(
        "ops.check_results_log",
        results.map((result) => checkToRow(of, result, now)),
      );
    },
    async ofRun(runId) {
      const checks = latestChecks("WHERE run_id = {runId:String}");
      const rows = await access.rows(`SELECT * FROM (${checks}) ORDER BY dataset, name`, { runId });
      return rows.map(rowToCheck);
    },
    async newest(dataset) {
      const task =
        "SELECT task_id FROM ops.check_results_log WHERE dataset = {dataset:String} ORDER BY recorded_at DESC, name DESC LIMIT 1";
      const checks = latestChecks(`WHERE dataset = {dataset:String} AND task_id = (${task})`);
      return (await access.rows(`SELECT * FROM (${checks}) ORDER BY name`, { dataset })).map(rowToCheck);
    },
  };
}
