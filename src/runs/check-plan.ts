/** Whether a plan can be carried out at all. */
import type { Plan } from "../api/plan.ts";
import { ShoplakeError } from "../util/errors.ts";

/**
 * Throws `usage` when a task depends on one that is not in the plan or comes later in it (it would wait for ever), or when two
 * tasks publish the same dataset.
 */
export function checkPlan({ tasks }: Plan): void {
  const before = new Set<string>();
  for (const { dataset, dependsOn } of tasks) {
    const missing = dependsOn.find((name) => !before.has(name));
    if (missing !== undefined) throw unknownDependency(dataset, missing, tasks);
    if (before.has(dataset)) throw badPlan(`the plan has two tasks for ${dataset}`, dataset);
    before.add(dataset);
  }
}

function unknownDependency(dataset: string, missing: string, tasks: Plan["tasks"]): ShoplakeError {
  const later = tasks.some((task) => task.dataset === missing);
  const why = later ? "which comes later in the plan or not before itself" : "which is not in the plan";
  return badPlan(`${dataset} depends on ${missing}, ${why}`, dataset);
}

function badPlan(message: string, where: string): ShoplakeError {
  return new ShoplakeError("usage", message, {
    where: `plan, task ${where}`,
    allowed: "one task for a dataset, each after all that it depends on",
    hint: "Make the plan with createPlan, and leave out a task only together with its name in dependsOn.",
  });
}
