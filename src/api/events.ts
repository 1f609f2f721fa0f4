/**
 * What happens in a run, told while it happens: plain JSON, one interface an event. Terminal, `--json`, the run's log, servers
 * and exporters know nothing else of a run.
 */
import { z } from "zod";
import { type CheckResult, checkResultSchema } from "./checks.ts";
import { type PlainError, plainErrorSchema } from "./errors.ts";
import { type Action, actionSchema, type TaskLayer, taskLayerSchema } from "./plan.ts";
import {
  countsSchema,
  type InputVersions,
  inputsSchema,
  type RunState,
  runStateSchema,
  type Step,
  type StepMs,
  stepMsSchema,
  stepSchema,
  type TaskCounts,
  type TaskState,
  taskStateSchema,
} from "./runs.ts";

/** What every event says. */
export interface OfRun {
  /** The run that it happened in. */
  readonly runId: string;
  /** When: ISO 8601 with milliseconds, UTC. */
  readonly at: string;
}

/** What every event of a task says. */
export interface OfTask extends OfRun {
  /** The same for all attempts of the task; also its key in `ops.tasks`. */
  readonly taskId: string;
  /** What the task publishes: "silver.orders", or "reporting:gold.sales" for a delivery. */
  readonly dataset: string;
}

/** A task as the first event of a run names it. */
export interface AnnouncedTask {
  /** Of all attempts. */
  readonly taskId: string;
  /** What it publishes. */
  readonly dataset: string;
  /** The layer that it belongs to. */
  readonly layer: TaskLayer;
  /** What it is expected to do. */
  readonly action: Action;
  /** One line for a person. */
  readonly reason: string;
  /** Datasets of tasks that must have ended first. */
  readonly dependsOn: readonly string[];
}

/** The first event of a run: every task is queued. */
export interface RunStarted extends OfRun {
  /** In the order of the plan. */
  readonly tasks: readonly AnnouncedTask[];
}

/** A task changed its state: START, COMPLETE, FAIL and ABORT of OpenLineage are made from it. */
export interface TaskStateChanged extends OfTask {
  /** The state that it has now. */
  readonly state: TaskState;
  /** From 1; 0: it was not begun. */
  readonly attempt: number;
  /** For a person: why, or what came out. */
  readonly message?: string;
  /** Why it is `failed`, `cancelled` or `up_for_retry`. */
  readonly error?: PlainError;
  /** At an end: the versions it read, as far as they are known. */
  readonly inputs?: InputVersions;
  /** At an end: where the time went. */
  readonly stepsMs?: StepMs;
  /** At an end: of everything that it published. */
  readonly counts?: TaskCounts;
  /** At an end: bytes of the data files that it published, where they are known. */
  readonly bytes?: number;
  /** At an end: from the beginning of the first attempt. */
  readonly durationMs?: number;
}

/** A running task knows what it reads: comes before it writes. */
export interface TaskInputs extends OfTask {
  /** The versions that it reads, by dataset. */
  readonly inputs: InputVersions;
}

/** A running task entered a step. */
export interface TaskStep extends OfTask {
  /** The step that begins. */
  readonly step: Step;
}

/** Rows so far, of the step that is running. Not kept in the log of a run. */
export interface TaskProgress extends OfTask {
  /** Since the step began. */
  readonly rows: number;
}

/** Something a person should know that does not stop the task. */
export interface TaskWarning extends OfTask {
  /** One line. */
  readonly message: string;
}

/** A task has published (or found nothing to do: version unchanged, rows 0). */
export interface TaskPublished extends OfTask {
  /** The version that is published now. */
  readonly version: number;
  /** What became of the rows it read. */
  readonly counts: TaskCounts;
  /** The versions it was made from; absent where it reads no dataset. */
  readonly inputs?: InputVersions;
  /** Of the data files that were published, where they are known. */
  readonly bytes?: number;
}

/** One check was evaluated on rows that no reader sees yet. */
export interface CheckEvaluated extends OfRun {
  /** What it found. */
  readonly result: CheckResult;
}

/** Something a person should know that concerns the run as a whole, such as a listener that failed. */
export interface RunWarning extends OfRun {
  /** One line. */
  readonly message: string;
}

/** The last event of a run. */
export interface RunFinished extends OfRun {
  /** How it ended. */
  readonly state: RunState;
  /** From start to end. */
  readonly durationMs: number;
}

/** Every event by its name. */
export interface RunEvents {
  /** Once, before anything else: all tasks of the plan. */
  "run.started": RunStarted;
  /** At every change of state, retries and tasks that were never begun included. */
  "task.state": TaskStateChanged;
  /** Once for each attempt that reads datasets. */
  "task.inputs": TaskInputs;
  /** At the beginning of plan, stage, audit, publish and record. */
  "task.step": TaskStep;
  /** Often, while rows are read; may be left out. */
  "task.progress": TaskProgress;
  /** Any number of times. */
  "task.warning": TaskWarning;
  /** Once for each task that ends with success and a version, right before its last change of state. */
  "task.published": TaskPublished;
  /** Once for each check of an audit, also for one that found nothing wrong. */
  "check.result": CheckEvaluated;
  /** Any number of times. */
  "run.warning": RunWarning;
  /** Once; nothing follows. */
  "run.finished": RunFinished;
}

/** One of the keys above, such as "task.state". */
export type EventName = keyof RunEvents;

const ofRun = { runId: z.string(), at: z.iso.datetime({ precision: 3 }) };
const ofTask = { ...ofRun, taskId: z.string(), dataset: z.string() };
const milliseconds = z.number().nonnegative();
const whole = z.number().int().nonnegative();

/** Checks the events, by name: what a line of `run --json` or of the run's log says beside `event` and `time`. */
export const eventSchemas: { readonly [K in EventName]: z.ZodType<RunEvents[K]> } = {
  "run.started": z.strictObject({
    ...ofRun,
    tasks: z.array(
      z.strictObject({
        taskId: z.string(),
        dataset: z.string(),
        layer: taskLayerSchema,
        action: actionSchema,
        reason: z.string(),
        dependsOn: z.array(z.string()),
      }),
    ),
  }),
  "task.state": z.strictObject({
    ...ofTask,
    state: taskStateSchema,
    attempt: whole,
    message: z.string().exactOptional(),
    error: plainErrorSchema.exactOptional(),
    inputs: inputsSchema.exactOptional(),
    stepsMs: stepMsSchema.exactOptional(),
    counts: countsSchema.exactOptional(),
    bytes: whole.exactOptional(),
    durationMs: milliseconds.exactOptional(),
  }),
  "task.inputs": z.strictObject({ ...ofTask, inputs: inputsSchema }),
  "task.step": z.strictObject({ ...ofTask, step: stepSchema }),
  "task.progress": z.strictObject({ ...ofTask, rows: whole }),
  "task.warning": z.strictObject({ ...ofTask, message: z.string() }),
  "task.published": z.strictObject({
    ...ofTask,
    version: z.number().int(),
    counts: countsSchema,
    inputs: inputsSchema.exactOptional(),
    bytes: whole.exactOptional(),
  }),
  "check.result": z.strictObject({ ...ofRun, result: checkResultSchema }),
  "run.warning": z.strictObject({ ...ofRun, message: z.string() }),
  "run.finished": z.strictObject({ ...ofRun, state: runStateSchema, durationMs: milliseconds }),
};
