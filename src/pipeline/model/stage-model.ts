/** Writes what a model's decision asks for aside, splits off rejects and duplicates, and counts every row. */
import type { Model } from "../../project/project.ts";
import { stageRejects } from "../../quality/quarantine.ts";
import type { TaskContext } from "../context.ts";
import { type BoundSource, boundSelect } from "../plan/bound-select.ts";
import type { Decision } from "../plan/decide.ts";
import { narrowed } from "../plan/narrow-input.ts";
import { partitionCondition } from "../target/partitions.ts";
import type { Target } from "../target/target.ts";
import { reconciled, rejectedRows, splitRows } from "./split-rows.ts";
import { stageMerge } from "./stage-merge.ts";
import { rejectsOf, type StagedModel, type Staging, write } from "./staging.ts";

/** Chooses the way by the decision's action. Nothing is left aside when it fails. */
export async function stageModel(
  task: TaskContext,
  model: Model,
  target: Target,
  decision: Decision,
): Promise<StagedModel> {
  const sql = await boundSelect(task, model, sourcesOf(task, decision));
  const staging: Staging = {
    task,
    model: { ...model, sql },
    target,
    decision,
    options: { params: decision.parameters, signal: task.signal },
  };
  if (decision.action === "partitions") return stagePartitions(staging);
  return decision.action === "merge" ? stageMerge(staging) : stageWhole(staging);
}

/** The inputs as this task reads them: only new rows, or only what the stale partitions depend on, where that is enough. */
function sourcesOf(
  task: TaskContext,
  { delta, inputs, origins, partitions }: Decision,
): readonly BoundSource[] {
  return inputs.map((input) => {
    if (input.dataset === delta?.dataset) return delta;
    const origin = origins?.find((candidate) => candidate.dataset === input.dataset);
    return origin === undefined || partitions === undefined
      ? input
      : narrowed(task, input, { origin, partitions });
  });
}

async function stagePartitions(staging: Staging): Promise<StagedModel> {
  const { model, decision } = staging;
  const partitions = decision.partitions ?? [];
  const condition = partitionCondition(model.partitionBy ?? "''", partitions);
  const staged = await write(staging, `SELECT * FROM (\n${model.sql}\n) WHERE ${condition}`, { partitions });
  const counts = { read: staged.written, published: staged.written, rejected: 0, deduplicated: 0 };
  return { staged, counts };
}

/** All rows of the SELECT: they replace the dataset, or are added to it. */
async function stageWhole(staging: Staging): Promise<StagedModel> {
  const { model, task, options, decision } = staging;
  const { engine } = task.host;
  const rows = await splitRows(engine, model, options);
  const staged = await write(staging, rows.select, decision.action === "append" ? "none" : "all");
  try {
    const bad = rejectedRows(rows, staged.written);
    const rejected = bad === undefined ? 0 : await stageRejects(engine, rejectsOf(staging, bad), options);
    return { staged, counts: reconciled(model.dataset, rows, { published: staged.written, rejected }) };
  } catch (error) {
    await staged.discard();
    throw error;
  }
}
