/** One task by the kind of its work. */
import { layerOf } from "../api/datasets.ts";
import type { Model } from "../project/project.ts";
import { ShoplakeError } from "../util/errors.ts";
import { runBronzeTask } from "./bronze/task.ts";
import type { TaskContext } from "./context.ts";
import { runDeliveryTask } from "./deliver/task.ts";
import type { GraphNode } from "./graph/graph.ts";
import { runModelTask } from "./model/task.ts";
import type { TaskOutcome } from "./outcome.ts";

/** Does the work of a node of the graph. Throws what stops it; bad data of a model is no exception but a failed outcome. */
export async function performTask(task: TaskContext, { work }: GraphNode): Promise<TaskOutcome> {
  const { adapters, tables } = task.catalogue;
  if (work.kind === "model") return runModelTask(task, modelNow(task, work.model));
  if (work.kind === "sink") return runDeliveryTask(task, adapters.sink(work.sink), work);
  const table = tables[work.source]?.find((candidate) => candidate.name === work.table);
  if (table === undefined)
    throw new ShoplakeError("internal", `${task.dataset} is in the plan, but not in the catalogue`);
  return runBronzeTask(task, { source: adapters.source(work.source), table, sourceName: work.source });
}

/** The model with the columns its inputs have now: bronze may have been created or widened by this very run. */
function modelNow({ catalogue }: TaskContext, model: Model): Model {
  const resolved = catalogue.datasets.get(model.dataset)?.model ?? model;
  if (resolved.schema.length > 0) return resolved;
  const bronze = model.dependencies.filter((name) => layerOf(name) === "bronze");
  throw new ShoplakeError(
    "model",
    `${model.dataset} cannot be built yet: the columns of what it reads are not known`,
    {
      where: model.file,
      hint: `Nothing has arrived for ${bronze.join(", ") || "its inputs"} so far.`,
    },
  );
}
