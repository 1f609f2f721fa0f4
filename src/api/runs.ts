/** A run and its tasks, as reports, views and the history say it. */
import { z } from "zod";
import { type CheckResult, checkResultSchema } from "./checks.ts";
import { type PlainError, plainErrorSchema } from "./errors.ts";
import { type Action, actionSchema, type TaskLayer, taskLayerSchema } from "./plan.ts";

/** What every task does, in this order. A source does `stage` to `record` once an extract. */
export type Step = "plan" | "stage" | "audit" | "publish" | "record";

/** `queued` before its first task; the last three are ends. */
export type RunState = "queued" | "running" | "success" | "failed" | "cancelled";

/**
 * - `queued`: waits for what it depends on, for a slot, or for another writer of its dataset
 * - `running`: is being attempted
 * - `up_for_retry`: an attempt failed, the next one comes
 * - `success`: published, or nothing to do
 * - `failed`: its last attempt failed, or its checks stopped it
 * - `skipped`: nothing has ever arrived for what it reads
 * - `upstream_failed`: not attempted, what it reads failed
 * - `cancelled`: the run was cancelled before it had ended
 */
export type TaskState =
  | "queued"
  | "running"
  | "up_for_retry"
  | "success"
  | "failed"
  | "skipped"
  | "upstream_failed"
  | "cancelled";

/** read = published + rejected + deduplicated; a task whose counts do not reconcile fails. */
export interface TaskCounts {
  /** Rows that came in. */
  readonly read: number;
  /** Of those, rows that readers see now. */
  readonly published: number;
  /** Of those, rows in quarantine. */
  readonly rejected: number;
  /** Of those, rows that were left out for another row of the same key or content. */
  readonly deduplicated: number;
}

/** Versions that a task read, as text, by dataset. */
export type InputVersions = Readonly<Record<string, string>>;

/** Milliseconds by step, all attempts together; steps that were not reached are absent. */
export type StepMs = Readonly<Partial<Record<Step, number>>>;

/** What became of one task. */
export interface TaskReport {
  /** Of all its attempts. Absent in reports of older versions. */
  readonly taskId?: string;
  /** What it publishes: "silver.orders", or "reporting:gold.sales" for a delivery. */
  readonly dataset: string;
  /** The layer that it belongs to. */
  readonly layer: TaskLayer;
  /** How it ended. */
  readonly state: TaskState;
  /** Number of attempts; 0: it was never begun. */
  readonly attempt: number;
  /** What it did, or would have done. */
  readonly action: Action;
  /** One line for a person. */
  readonly reason: string;
  /** The version that is published now; absent: none yet. */
  readonly version?: number;
  /** Tells that version from every other one, also of the same number; absent: none yet, or an older release noted it. */
  readonly versionId?: string;
  /** Of everything that it published, also when it failed afterwards. */
  readonly counts: TaskCounts;
  /** Of a task that its checks stopped: what became of the rows it read. `published` of them were staged, and are not published. */
  readonly staged?: TaskCounts;
  /** Of its last attempt. */
  readonly checks: readonly CheckResult[];
  /** Why it did not succeed. */
  readonly error?: PlainError;
  /** From the beginning of its first attempt to its end. */
  readonly durationMs: number;
  /** Versions it read; absent: it did not come to know them. */
  readonly inputs?: InputVersions;
  /** Where the time went. */
  readonly stepsMs?: StepMs;
  /** Bytes of the data files that it published; absent where they are not known. */
  readonly bytes?: number;
}

/** What became of a run. */
export interface RunReport {
  /** [a-z0-9] */
  readonly runId: string;
  /** How it ended. */
  readonly state: RunState;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** From start to end. */
  readonly durationMs: number;
  /** In the order of the plan. */
  readonly tasks: readonly TaskReport[];
}

const rows = z.number().int().nonnegative();

/** Values of `Step`. */
export const stepSchema: z.ZodType<Step> = z.enum(["plan", "stage", "audit", "publish", "record"]);

/** Values of `RunState`. */
export const runStateSchema: z.ZodType<RunState> = z.enum([
  "queued",
  "running",
  "success",
  "failed",
  "cancelled",
]);

/** Values of `TaskState`. */
export const taskStateSchema: z.ZodType<TaskState> = z.enum([
  "queued",
  "running",
  "up_for_retry",
  "success",
  "failed",
  "skipped",
  "upstream_failed",
  "cancelled",
]);

/** Checks `TaskCounts`. */
export const countsSchema: z.ZodType<TaskCounts> = z.strictObject({
  read: rows,
  published: rows,
  rejected: rows,
  deduplicated: rows,
});

/** Checks `InputVersions`. */
export const inputsSchema: z.ZodType<InputVersions> = z.record(z.string(), z.string());

/** Checks `StepMs`. */
export const stepMsSchema: z.ZodType<StepMs> = z.strictObject({
  plan: z.number().nonnegative().exactOptional(),
  stage: z.number().nonnegative().exactOptional(),
  audit: z.number().nonnegative().exactOptional(),
  publish: z.number().nonnegative().exactOptional(),
  record: z.number().nonnegative().exactOptional(),
});

/** Checks a `TaskReport`. */
export const taskReportSchema: z.ZodType<TaskReport> = z.strictObject({
  taskId: z.string().exactOptional(),
  dataset: z.string(),
  layer: taskLayerSchema,
  state: taskStateSchema,
  attempt: rows,
  action: actionSchema,
  reason: z.string(),
  version: z.number().int().exactOptional(),
  versionId: z.string().exactOptional(),
  counts: countsSchema,
  staged: countsSchema.exactOptional(),
  checks: z.array(checkResultSchema),
  error: plainErrorSchema.exactOptional(),
  durationMs: z.number().nonnegative(),
  inputs: inputsSchema.exactOptional(),
  stepsMs: stepMsSchema.exactOptional(),
  bytes: rows.exactOptional(),
});

/** Checks the `report` of the last line of `shoplake run --json`: a `RunReport`. */
export const runReportSchema: z.ZodType<RunReport> = z.strictObject({
  runId: z.string(),
  state: runStateSchema,
  startedAt: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
  tasks: z.array(taskReportSchema),
});
