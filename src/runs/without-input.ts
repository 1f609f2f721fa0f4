/** Tasks that are not attempted, because what they read failed in this run or has never had a row. */

import { noCounts, type PlannedTask, type TaskReport } from "../pipeline/index.ts";
import type { RunEmitter } from "../telemetry/events.ts";

/** The report of such a task; undefined when it can be attempted. */
export function withoutInput(
  events: RunEmitter,
  planned: PlannedTask,
  run: { readonly runId: string; readonly reports: ReadonlyMap<string, TaskReport> },
): TaskReport | undefined {
  const inputs = planned.dependsOn.flatMap((name) => run.reports.get(name) ?? []);
  const broken = inputs.filter(({ state }) => state !== "success" && state !== "skipped");
  const absent = inputs.filter(({ version }) => version === undefined);
  if (broken.length + absent.length === 0) return undefined;
  const [state, reason] =
    broken.length > 0
      ? (["upstream_failed", `not run: ${names(broken)} failed`] as const)
      : (["skipped", `nothing has arrived for ${names(absent)} yet`] as const);
  const { dataset, layer, action } = planned;
  events.emit("task.state", { runId: run.runId, dataset, state, attempt: 0, message: reason });
  return { dataset, layer, action, reason, state, attempt: 0, counts: noCounts, checks: [], durationMs: 0 };
}

function names(tasks: readonly TaskReport[]): string {
  return tasks.map(({ dataset }) => dataset).join(", ");
}
