/** The life of one model task: plan, stage, audit, publish, record. */
import type { Model } from "../../project/project.ts";
import type { TaskContext } from "../context.ts";
import { enter } from "../events.ts";
import type { TaskOutcome } from "../outcome.ts";
import { type Decision, decide } from "../plan/decide.ts";
import { requireSameInputs } from "../plan/inputs.ts";
import { recordPublication } from "../record.ts";
import { targetOf } from "../target/target-of.ts";
import { publishDatasetView } from "../target/views.ts";
import { noCounts } from "../types.ts";
import { audit, blockingFailure } from "./audit.ts";
import { stageModel } from "./stage-model.ts";
import { modeOf } from "./staging.ts";

export async function runModelTask(task: TaskContext, model: Model): Promise<TaskOutcome> {
  const target = targetOf(task, model);
  enter(task, "plan");
  const decision = await decide(task, model);
  const { action, reason } = decision;
  if (action === "none") {
    if (decision.acknowledge === true) await target.acknowledge(decision.record);
    return { action, reason, counts: noCounts, checks: [], ...publishedVersion(decision) };
  }
  enter(task, "stage");
  const sameInputs = () => requireSameInputs(task.host, model.dataset, decision.inputs);
  const stagedModel = await stageModel(task, model, target, decision).catch(async (error: unknown) => {
    await sameInputs();
    throw error;
  });
  const { staged, counts } = stagedModel;
  try {
    enter(task, "audit");
    const checks = await audit(task, model, stagedModel);
    await sameInputs();
    const failure = blockingFailure(model.dataset, checks);
    if (failure) return { action, reason, counts, checks, failure, ...publishedVersion(decision) };
    enter(task, "publish");
    await task.fence();
    const version = await staged.publish(counts);
    enter(task, "record");
    const { inputs } = decision.record;
    await recordPublication(task, { version, mode: modeOf(decision), counts, rows: staged.total, inputs });
    if (model.layer !== "gold") await publishDatasetView(task.host, model.dataset);
    return { action, reason, version, counts, checks };
  } finally {
    await staged.discard();
  }
}

function publishedVersion(decision: Decision): { readonly version?: number } {
  return decision.current === undefined ? {} : { version: decision.current.version };
}
