/** Writes what happened into the ops tables. The lake and the warehouse stay the truth: whatever is missing here is added from them. */
import type { PlannedTask } from "../api/plan.ts";
import type { RunState, TaskReport, TaskState } from "../api/runs.ts";
import type { PublicationRecord, RunRecord } from "../state/records.ts";
import type { PlainError } from "../util/errors.ts";
import type { Host, TaskContext } from "./context.ts";

/** What became known with a published version. */
export type Publication = Omit<PublicationRecord, "dataset" | "runId" | "taskId">;

/** Makes a published version known, and with it the rejects that were staged under the task's id. */
export async function recordPublication(
  task: Pick<TaskContext, "host" | "dataset" | "runId" | "taskId">,
  publication: Publication,
): Promise<void> {
  const { host, dataset, runId, taskId } = task;
  await host.state.publications.record({ dataset, runId, taskId, ...publication });
}

/** Which task of which run, and since when. */
export interface TaskIdentity {
  /** The same for all tasks of a run. */
  readonly runId: string;
  /** Of all attempts. */
  readonly taskId: string;
  /** When its run was ready to start it. */
  readonly queuedAt: Date;
  /** When its first attempt began; before that: when it was queued. */
  readonly startedAt: Date;
}

/** A task that has not ended. */
export interface TaskStanding extends TaskIdentity {
  /** As planned. */
  readonly planned: PlannedTask;
  /** Its state now. */
  readonly state: TaskState;
  /** 0: not begun. */
  readonly attempt: number;
  /** Why it will be attempted again. */
  readonly error?: PlainError;
}

/** Tasks that wait or run. One insert for all of them. */
export async function recordStanding(host: Host, tasks: readonly TaskStanding[]): Promise<void> {
  await host.state.tasks.record(
    ...tasks.map(({ planned: { dataset, layer, action, reason }, ...standing }) => ({
      ...standing,
      ...{ dataset, layer, action, reason },
    })),
  );
}

/** How a task ended, with the results of its checks. */
export async function recordTaskEnd(host: Host, of: TaskIdentity, report: TaskReport): Promise<void> {
  const { checks, durationMs: _, staged: _staged, ...ended } = report;
  await host.state.tasks.record({ ...ended, ...of, endedAt: host.clock() });
  await host.state.checks.record(of, checks);
}

/** What the history says of a run beside its state. */
export interface RunIdentity {
  /** Its id. */
  readonly runId: string;
  /** When it started. */
  readonly startedAt: Date;
  /** As a person would type it; "": everything. */
  readonly selection: string;
  /** Number of planned tasks. */
  readonly tasks: number;
}

/** The run is going on. */
export async function recordRunStart(host: Host, run: RunIdentity): Promise<void> {
  await host.state.runs.record({ ...run, ...processOf(host), state: "running" });
}

/** The run has ended; `error` says why it could not go on. */
export async function recordRunEnd(
  host: Host,
  run: RunIdentity,
  end: { readonly state: RunState; readonly error?: string },
): Promise<void> {
  await host.state.runs.record({ ...run, ...processOf(host), ...end, endedAt: host.clock() });
}

function processOf({ owner }: Host): Pick<RunRecord, "host" | "pid" | "owner"> {
  return { host: owner.host, pid: owner.pid, owner: owner.id };
}
