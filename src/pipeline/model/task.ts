/** The life of a model task. */
import { homeOf } from "../../api/datasets.ts";
import type { Model } from "../../project/project.ts";
import type { TaskContext } from "../context.ts";
import { reads } from "../events.ts";
import type { TaskOutcome } from "../outcome.ts";
import { type Decision, decide } from "../plan/decide.ts";
import { idsOf, requireSameInputs } from "../plan/inputs.ts";
import { recordPublication } from "../record.ts";
import { runSteps, type TaskSteps } from "../steps.ts";
import { targetOf } from "../target/target-of.ts";
import { publishDatasetView } from "../target/views.ts";
import { noCounts } from "../types.ts";
import { audit, blockingFailure } from "./audit.ts";
import { stageModel } from "./stage-model.ts";
import { modeOf, type StagedModel } from "./staging.ts";

/** Takes a model through its steps; a decision that there is nothing to do ends it. */
export function runModelTask(task: TaskContext, model: Model): Promise<TaskOutcome> {
  return runSteps(task, modelSteps(task, model));
}

/** Rows of a model, written aside, with the decision that they come from. */
interface DecidedRows extends StagedModel {
  readonly decision: Decision;
}

function modelSteps(task: TaskContext, model: Model): TaskSteps<Decision, DecidedRows> {
  const target = targetOf(task, model);
  const { dataset } = model;
  const acknowledge = async ({ record }: Decision): Promise<void> => {
    await task.fence();
    await target.acknowledge(record);
  };
  const sameInputs = ({ inputs }: Decision) => requireSameInputs(task.host, dataset, inputs);
  return {
    async plan() {
      const decision = await decide(task, model, task.made);
      reads(task, idsOf(decision.inputs));
      if (decision.action !== "none") return { go: decision };
      if (decision.acknowledge === true) await acknowledge(decision);
      return { end: outcomeOf(decision) };
    },
    async stage(decision) {
      try {
        return { decision, ...(await stageModel(task, model, target, decision)) };
      } catch (error) {
        await sameInputs(decision);
        throw error;
      }
    },
    async audit(rows) {
      const checks = await audit(task, model, rows);
      await sameInputs(rows.decision);
      const failure = blockingFailure(dataset, checks);
      if (failure === undefined) return { go: checks };
      return { end: { ...outcomeOf(rows.decision), counts: rows.counts, checks, failure } };
    },
    async publish({ decision, staged, counts }, checks) {
      const published = await staged.publish(counts);
      const bytes = staged.bytes === undefined ? {} : { bytes: staged.bytes };
      return { ...outcomeOf(decision), ...published, counts, checks, ...bytes };
    },
    async record({ decision, staged, counts }, { version, versionId }) {
      const [mode, inputs, rows] = [modeOf(decision), idsOf(decision.inputs), staged.total];
      await recordPublication(task, { version, versionId, mode, counts, rows, inputs });
      if (homeOf(dataset) === "lake") await publishDatasetView(task.host, dataset);
    },
    discard: ({ staged }) => staged.discard(),
  };
}

/** What is known before anything is published: the published version stays. */
function outcomeOf({ action, reason, current }: Decision): TaskOutcome {
  const standing = current === undefined ? {} : { version: current.version, versionId: current.id };
  return { action, reason, counts: noCounts, checks: [], ...standing };
}
