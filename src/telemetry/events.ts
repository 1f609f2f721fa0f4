/**
 * The one typed event map. Progress leaves the pipeline only through it; CLI, server, logs and exporters subscribe.
 * Payloads are plain data. States are Airflow's words.
 */
import { EventEmitter } from "node:events";
import type { CheckResult } from "../quality/check.ts";

export type RunState = "running" | "success" | "failed" | "cancelled";
export type TaskState =
  | "queued"
  | "running"
  | "success"
  | "failed"
  | "upstream_failed"
  | "skipped"
  | "up_for_retry"
  | "cancelled";
export type Step = "plan" | "stage" | "audit" | "publish" | "record";

export interface RunEvents {
  /** The plan is known; tasks in order. */
  "run.started": { runId: string; tasks: readonly { dataset: string; reason: string }[] };
  /** A task changed its state. */
  "task.state": { runId: string; dataset: string; state: TaskState; attempt: number; message?: string };
  /** A running task entered a step. */
  "task.step": { runId: string; dataset: string; step: Step };
  /** Rows so far, of the step that is running. */
  "task.progress": { runId: string; dataset: string; rows: number };
  /** Something a person should know that does not stop the task. */
  "task.warning": { runId: string; dataset: string; message: string };
  /** A task has published (or found nothing to do: version unchanged, rows 0). */
  "task.published": { runId: string; dataset: string; version: number; counts: TaskCounts };
  /** One check was evaluated. */
  "check.result": { runId: string; result: CheckResult };
  "run.finished": { runId: string; state: RunState; durationMs: number };
}

/** read = published + rejected + deduplicated; a task whose counts do not reconcile fails. */
export interface TaskCounts {
  readonly read: number;
  readonly published: number;
  readonly rejected: number;
  readonly deduplicated: number;
}

export class RunEmitter extends EventEmitter<{ [K in keyof RunEvents]: [RunEvents[K]] }> {}
