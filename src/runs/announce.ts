/** The one place where a task of a run changes its state: the change is told to who listens and recorded in the history. */
import type { TaskReport } from "../api/runs.ts";
import { recordStanding, recordTaskEnd } from "../pipeline/index.ts";
import { messageOf, plainError } from "../util/errors.ts";
import type { RunWork, TaskWork } from "./work.ts";

/** Every task waits. One insert for all of them. */
export async function announceQueued({ host, runId, startedAt, tasks }: RunWork): Promise<void> {
  await recordStanding(
    host,
    tasks.map(({ planned, taskId }) => ({
      ...{ runId, taskId, planned, startedAt, queuedAt: startedAt },
      state: "queued",
      attempt: 0,
    })),
  );
}

/** An attempt, and when the first one began. */
export interface Attempt {
  /** From 1. */
  readonly attempt: number;
  /** When the first attempt of the task began. */
  readonly startedAt: Date;
}

/** An attempt begins. */
export async function announceRunning(run: RunWork, task: TaskWork, { attempt, startedAt }: Attempt) {
  const { planned, taskId } = task;
  run.events.emit("task.state", { taskId, dataset: planned.dataset, state: "running", attempt });
  const standing = { runId: run.runId, taskId, startedAt, queuedAt: run.startedAt, planned, attempt };
  await recordStanding(run.host, [{ ...standing, state: "running" }]);
}

/** An attempt failed, and there will be another one. */
export async function announceRetry(
  run: RunWork,
  task: TaskWork,
  { attempt, startedAt, error }: Attempt & { readonly error: unknown },
): Promise<void> {
  const { planned, taskId } = task;
  const failure = plainError(error);
  const state = "up_for_retry";
  const event = { taskId, dataset: planned.dataset, state, attempt } as const;
  run.events.emit("task.state", { ...event, message: messageOf(error), error: failure });
  const times = { startedAt, queuedAt: run.startedAt };
  const standing = { ...times, runId: run.runId, taskId, planned, attempt, error: failure };
  await recordStanding(run.host, [{ ...standing, state }]);
}

/** The task has ended, one way or another. */
export async function announceEnd(run: RunWork, task: TaskWork, report: TaskReport): Promise<void> {
  const { taskId } = task;
  const { dataset, state, attempt, durationMs, counts, stepsMs, version, reason, error } = report;
  const inputs = report.inputs === undefined ? {} : { inputs: report.inputs };
  const bytes = report.bytes === undefined ? {} : { bytes: report.bytes };
  if (state === "success" && version !== undefined)
    run.events.emit("task.published", { taskId, dataset, version, counts, ...inputs, ...bytes });
  run.events.emit("task.state", {
    ...{ taskId, dataset, state, attempt, durationMs, counts, ...inputs, ...bytes },
    message: error?.message ?? reason,
    ...(error === undefined ? {} : { error }),
    ...(stepsMs === undefined ? {} : { stepsMs }),
  });
  const startedAt = new Date(run.host.clock().getTime() - durationMs);
  const of = { runId: run.runId, taskId, startedAt, queuedAt: run.startedAt };
  await recordTaskEnd(run.host, of, report);
}
