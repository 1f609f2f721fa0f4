/** One task by the kind of its work. */
import type { Model } from "../project/project.ts";
import { ShoplakeError } from "../util/errors.ts";
import { runBronzeTask } from "./bronze/task.ts";
import type { TaskContext } from "./context.ts";
import { runSinkTask } from "./deliver/task.ts";
import type { GraphNode } from "./graph/graph.ts";
import { runModelTask } from "./model/task.ts";
import type { TaskOutcome } from "./outcome.ts";

export async function performTask(task: TaskContext, node: GraphNode): Promise<TaskOutcome> {
  const { sources, sinks, sourceTables } = task.workspace;
  const { work } = node;
  if (work.kind === "model") return runModelTask(task, await modelNow(task, work.model));
  if (work.kind === "sink") return runSinkTask(task, known(sinks[work.sink], `sink ${work.sink}`), work);
  const table = sourceTables[work.source]?.find((candidate) => candidate.name === work.table);
  return runBronzeTask(task, {
    source: known(sources[work.source], `source ${work.source}`),
    table: known(table, `table ${work.table} of source ${work.source}`),
    sourceName: work.source,
  });
}

/** The model with the columns its inputs have now: bronze may have been created or widened by this very run. */
async function modelNow(task: TaskContext, model: Model): Promise<Model> {
  const project = await task.workspace.resolve();
  const resolved = project.models.find((candidate) => candidate.dataset === model.dataset) ?? model;
  if (resolved.schema.length > 0) return resolved;
  throw new ShoplakeError(
    "model",
    `${model.dataset} cannot be built yet: the columns of what it reads are not known`,
    {
      where: model.file,
      hint: `Nothing has arrived for ${model.dependencies.filter((name) => name.startsWith("bronze.")).join(", ") || "its inputs"} so far.`,
    },
  );
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined)
    throw new ShoplakeError("internal", `${what} is in the plan, but not in the workspace`);
  return value;
}
