/** Writes what happened into the ops tables. The lake and the warehouse stay the truth: whatever is missing here is added from them. */
import type { PublicationRecord, TaskRecord } from "../state/records.ts";
import type { Host, TaskContext } from "./context.ts";
import type { RunReport, TaskReport } from "./types.ts";

export type Publication = Omit<PublicationRecord, "dataset" | "runId" | "taskId">;

/** Makes a published version known, and with it the rejects that were staged under the task's id. */
export async function recordPublication(
  task: Pick<TaskContext, "host" | "dataset" | "runId" | "taskId">,
  publication: Publication,
): Promise<void> {
  const { host, dataset, runId, taskId } = task;
  await host.state.recordPublication({ dataset, runId, taskId, ...publication });
}

export async function recordTask(
  host: Host,
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
    endedAt: host.clock(),
    ...(version === undefined ? {} : { version }),
    ...(error === undefined ? {} : { error }),
  };
  await host.state.recordTask(record);
  await host.state.recordChecks(of, report.checks);
}

export async function recordRunStart(
  host: Host,
  run: {
    readonly runId: string;
    readonly startedAt: Date;
    readonly selection: string;
    readonly tasks: number;
  },
): Promise<void> {
  await host.state.recordRun({
    ...run,
    state: "running",
    host: host.owner.host,
    pid: host.owner.pid,
  });
}

export async function recordRunEnd(host: Host, report: RunReport, selection: string): Promise<void> {
  await host.state.recordRun({
    runId: report.runId,
    state: report.state,
    startedAt: new Date(report.startedAt),
    endedAt: host.clock(),
    selection,
    host: host.owner.host,
    pid: host.owner.pid,
    tasks: report.tasks.length,
  });
}
