/** Writes what happened into the ops tables. The lake and the warehouse stay the truth: whatever is missing here is added from them. */
import type { PublicationRecord, TaskRecord } from "../state/records.ts";
import type { TaskContext, Workspace } from "./context.ts";
import type { RunReport, TaskReport } from "./types.ts";

export type Publication = Omit<PublicationRecord, "dataset" | "runId" | "taskId">;

/** Makes a published version known, and with it the rejects that were staged under the task's id. */
export async function recordPublication(
  task: Pick<TaskContext, "workspace" | "dataset" | "runId" | "taskId">,
  publication: Publication,
): Promise<void> {
  const { workspace, dataset, runId, taskId } = task;
  await workspace.state.recordPublication({ dataset, runId, taskId, ...publication });
}

export async function recordTask(
  workspace: Workspace,
  of: { readonly runId: string; readonly taskId: string; readonly startedAt: Date },
  report: TaskReport,
): Promise<void> {
  const { dataset, layer, attempt, state, action, reason, counts, error, version } = report;
  const record: TaskRecord = {
    ...of,
    dataset,
    layer,
    attempt,
    state,
    action,
    reason,
    counts,
    endedAt: workspace.clock(),
    ...(version === undefined ? {} : { version }),
    ...(error === undefined ? {} : { error }),
  };
  await workspace.state.recordTask(record);
  await workspace.state.recordChecks(of, report.checks);
}

export async function recordRunStart(
  workspace: Workspace,
  run: {
    readonly runId: string;
    readonly startedAt: Date;
    readonly selection: string;
    readonly tasks: number;
  },
): Promise<void> {
  await workspace.state.recordRun({
    ...run,
    state: "running",
    host: workspace.host.name,
    pid: workspace.host.pid,
  });
}

export async function recordRunEnd(
  workspace: Workspace,
  report: RunReport,
  selection: string,
): Promise<void> {
  await workspace.state.recordRun({
    runId: report.runId,
    state: report.state,
    startedAt: new Date(report.startedAt),
    endedAt: workspace.clock(),
    selection,
    host: workspace.host.name,
    pid: workspace.host.pid,
    tasks: report.tasks.length,
  });
}
