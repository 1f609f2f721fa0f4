/** What `shoplake runs` prints as data. Readers ignore fields that they do not know: the history may say more. */
import { z } from "zod";
import { plainErrorSchema } from "./errors.ts";
import { countsSchema, inputsSchema, runStateSchema, stepMsSchema, taskStateSchema } from "./runs.ts";

const time = z.iso.datetime();

/** A run as the history knows it. */
export const runRowSchema = z.object({
  runId: z.string(),
  state: runStateSchema,
  startedAt: time,
  /** Absent while it runs. */
  endedAt: time.exactOptional(),
  /** Selectors and options as a person typed them; "": everything. */
  selection: z.string(),
  host: z.string(),
  pid: z.number().int(),
  /** Number of planned tasks. */
  tasks: z.number().int().nonnegative(),
  /** "" when there was none. */
  error: z.string(),
});

/** A task as the history knows it. */
export const taskRowSchema = z.object({
  taskId: z.string(),
  runId: z.string(),
  dataset: z.string(),
  layer: z.string(),
  attempt: z.number().int().nonnegative(),
  state: taskStateSchema,
  action: z.string(),
  reason: z.string(),
  version: z.number().int().exactOptional(),
  counts: countsSchema,
  inputs: inputsSchema,
  error: plainErrorSchema.exactOptional(),
  stepsMs: stepMsSchema,
  startedAt: time,
  /** Absent while it waits or runs. */
  endedAt: time.exactOptional(),
});

/** What `shoplake runs --json` prints: newest first. */
export const runsDocumentSchema = z.array(runRowSchema);

/** What `shoplake runs <run> --json` prints. */
export const runDocumentSchema = z.object({
  run: runRowSchema,
  tasks: z.array(taskRowSchema),
  checks: z.array(z.object({ taskId: z.string(), dataset: z.string(), name: z.string() })),
});
