/** Writes what happened into the ops tables. The lake and the warehouse stay the truth: whatever is missing here is added from them. */
import type { InputVersions, PublicationRecord, RunRecord, TaskRecord } from "../state/records.ts";
import type { Host, TaskContext } from "./context.ts";
import type { PlannedTask, RunReport, TaskReport } from "./types.ts";

export interface Publication extends Omit<PublicationRecord, "dataset" | "runId" | "taskId" | "inputs"> {
  /** Versions it was built from, by dataset. */
  readonly inputs: Readonly<Record<string, string | number>>;
}

/** Makes a published version known, and with it the rejects that were staged under the task's id. */
export async function recordPublication(
  task: Pick<TaskContext, "host" | "dataset" | "runId" | "taskId">,
  publication: Publication,
): Promise<void> {
  const { host, dataset, runId, taskId } = task;
  const inputs = asText(publication.inputs);
  await host.state.publications.record({ dataset, runId, taskId, ...publication, inputs });
}

/** Versions as the state keeps them. */
export function asText(versions: Readonly<Record<string, string | number>>): InputVersions {
  return Object.fromEntries(Object.entries(versions).map(([dataset, version]) => [dataset, String(version)]));
}

/** A planned task and the name of it in this run. */
export interface NamedTask {
  readonly planned: PlannedTask;
  readonly runId: string;
  readonly taskId: string;
}

/** Makes known that tasks wait for their turn, or that one has started. One INSERT with everything recorded at about that time. */
export async function recordTaskState(
  host: Host,
  state: "queued" | "running",
  at: { readonly queuedAt: Date; readonly startedAt: Date },
  ...tasks: readonly NamedTask[]
): Promise<void> {
  const attempt = state === "queued" ? 0 : 1;
  await host.state.tasks.record(
    ...tasks.map(({ planned: { dataset, layer, action, reason }, runId, taskId }) => {
      return { runId, taskId, dataset, layer, action, reason, state, attempt, ...at };
    }),
  );
}

export async function recordTask(
  host: Host,
  of: Pick<TaskRecord, "runId" | "taskId" | "queuedAt" | "startedAt">,
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
  await host.state.tasks.record(record);
  await host.state.checks.record(of, report.checks);
}

/** Who works on a run, as its records say it. */
export type RunOwner = Pick<RunRecord, "host" | "pid" | "owner">;

export async function recordRunStart(
  host: Host,
  run: Pick<RunRecord, "runId" | "startedAt" | "selection" | "tasks"> & RunOwner,
): Promise<void> {
  await host.state.runs.record({ ...run, state: "running" });
}

export async function recordRunEnd(
  host: Host,
  report: RunReport,
  run: Pick<RunRecord, "selection"> & RunOwner,
): Promise<void> {
  await host.state.runs.record({
    ...run,
    runId: report.runId,
    state: report.state,
    startedAt: new Date(report.startedAt),
    endedAt: host.clock(),
    tasks: report.tasks.length,
  });
}
