/** Tasks: what a run does to each dataset. */
import type { Access } from "./access.ts";
import type { TaskRecord, TaskRow } from "./records.ts";
import { rowToTask, taskToRow } from "./rows.ts";
import { latestTasks } from "./views.ts";

/** What runs did to datasets, one entry for each task. */
export interface Tasks {
  /**
   * When tasks are queued, when one starts and when it ends; later states and attempts win. Collected and written together,
   * so many calls are one INSERT.
   */
  record(...tasks: readonly TaskRecord[]): Promise<void>;
  /** In the order of their starts. */
  ofRun(runId: string): Promise<readonly TaskRow[]>;
}

/** Works on `ops.tasks_log`; its tables must be there. */
export function openTasks(access: Access): Tasks {
  return {
    async record(...tasks) {
      const now = access.clock();
      access.add(
        "ops.tasks_log",
        tasks.map((task) => taskToRow(task, now)),
      );
    },
    async ofRun(runId) {
      const tasks = latestTasks("WHERE run_id = {runId:String}");
      const rows = await access.rows(`SELECT * FROM (${tasks}) ORDER BY started_at, dataset`, { runId });
      return rows.map(rowToTask);
    },
  };
}
