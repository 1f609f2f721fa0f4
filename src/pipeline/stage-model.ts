/** Writes what a model's decision asks for aside, splits off rejects and duplicates, and counts every row. */
import type { Model } from "../project/project.ts";
import { stageRejects } from "../quality/quarantine.ts";
import { guardedSelect } from "../quality/rules.ts";
import { prepareStaging } from "../quality/staging.ts";
import type { TaskCounts } from "../telemetry/events.ts";
import { boundSelect } from "./bound-select.ts";
import type { TaskContext } from "./context.ts";
import type { Decision } from "./decide.ts";
import { stageMerge } from "./stage-merge.ts";
import {
  partitionCondition,
  rejectsOf,
  requireRows,
  type StagedModel,
  type Staging,
  write,
} from "./staging.ts";
import type { Target } from "./target.ts";

export async function stageModel(
  task: TaskContext,
  model: Model,
  target: Target,
  decision: Decision,
): Promise<StagedModel> {
  const { delta, inputs, parameters } = decision;
  const sources = inputs.map((input) => (input.dataset === delta?.dataset ? delta : input));
  const sql = await boundSelect(task, model, sources);
  const staging: Staging = {
    task,
    model: { ...model, sql },
    target,
    decision,
    options: { params: parameters, signal: task.signal },
  };
  if (decision.action === "partitions") return stagePartitions(staging);
  if (guardedSelect(staging.model) === undefined) return stagePlain(staging);
  return decision.action === "merge" ? stageMerge(staging) : stageGuarded(staging);
}

/** No rules, no declared types, no key to choose by: the SELECT is the dataset. */
async function stagePlain(staging: Staging): Promise<StagedModel> {
  const staged = await write(staging, staging.model.sql, wholeOrNone(staging));
  return { staged, counts: allPublished(staged.written), mode: modeOf(staging) };
}

async function stagePartitions(staging: Staging): Promise<StagedModel> {
  const { model, decision } = staging;
  const partitions = decision.partitions ?? [];
  const condition = partitionCondition(model.partitionBy ?? "''", partitions);
  const staged = await write(staging, `SELECT * FROM (\n${model.sql}\n) WHERE ${condition}`, { partitions });
  return { staged, counts: allPublished(staged.written), mode: "increment" };
}

/** Counts first, on the few columns that rules and key need; then the good rows in one pass. */
async function stageGuarded(staging: Staging): Promise<StagedModel> {
  const { model, task, options } = staging;
  const prepared = await prepareStaging(task.workspace.engine, model, options);
  if (prepared.rejects !== undefined)
    await stageRejects(task.workspace.engine, rejectsOf(staging, prepared.rejects), options);
  const staged = await write(staging, prepared.select, wholeOrNone(staging));
  const counts = prepared.counts ?? allPublished(staged.written);
  requireRows(model, { expected: counts.published, written: staged.written });
  return { staged, counts, mode: modeOf(staging) };
}

const allPublished = (rows: number): TaskCounts => ({
  read: rows,
  published: rows,
  rejected: 0,
  deduplicated: 0,
});
const wholeOrNone = ({ decision }: Staging): "all" | "none" =>
  decision.action === "append" ? "none" : "all";
const modeOf = ({ decision }: Staging): "full" | "increment" =>
  decision.action === "append" ? "increment" : "full";
