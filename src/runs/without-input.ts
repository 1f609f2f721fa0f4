/** Tasks that are not attempted, because what they read failed in this run or has never had a row. */
import type { TaskReport } from "../api/runs.ts";
import { notBegun } from "./reports.ts";
import type { TaskWork } from "./work.ts";

/** The report of such a task; undefined when it can be attempted. `inputs`: reports of the tasks that it depends on. */
export function withoutInput(task: TaskWork, inputs: readonly TaskReport[]): TaskReport | undefined {
  const broken = inputs.filter(({ state }) => state !== "success" && state !== "skipped");
  if (broken.length > 0) return notBegun(task, "upstream_failed", `not run: ${names(broken)} failed`);
  const absent = inputs.filter(({ version }) => version === undefined);
  if (absent.length > 0) return notBegun(task, "skipped", `nothing has arrived for ${names(absent)} yet`);
  return undefined;
}

function names(tasks: readonly TaskReport[]): string {
  return tasks.map(({ dataset }) => dataset).join(", ");
}
