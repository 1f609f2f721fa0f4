/** Sources and sinks that cannot be reached: one task of a run says why, the others say which one. */
import type { TaskReport } from "../api/runs.ts";
import type { Effort } from "./reports.ts";
import { failed, notBegun } from "./reports.ts";
import type { RunWork, TaskWork } from "./work.ts";

/** The source or sink that a task works with, as people call it: "source shop". undefined: none. */
function systemOf({ nodes }: RunWork, { planned }: TaskWork): string | undefined {
  const work = nodes.get(planned.dataset)?.work;
  if (work?.kind === "source") return `source ${work.source}`;
  return work?.kind === "sink" ? `sink ${work.sink}` : undefined;
}

/** The report of a task whose source or sink was found down by another task of the run; undefined: it may be reached. */
export function withoutSystem(run: RunWork, task: TaskWork): TaskReport | undefined {
  const system = systemOf(run, task);
  const told = system === undefined ? undefined : run.down.get(system);
  if (told === undefined || told === task.planned.dataset) return undefined;
  return notBegun(task, "upstream_failed", `not run: ${system} cannot be reached, see ${told}`);
}

/** The report of a task that could not reach its source or sink. The first one of the run says why. */
export function unreachableReport(run: RunWork, task: TaskWork, error: unknown, effort: Effort): TaskReport {
  const system = systemOf(run, task);
  if (system !== undefined && !run.down.has(system)) run.down.set(system, task.planned.dataset);
  return withoutSystem(run, task) ?? failed(task, error, effort);
}
