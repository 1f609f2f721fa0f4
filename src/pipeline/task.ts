/** One task by the kind of its work. */
import { ShoplakeError } from "../util/errors.ts";
import { runBronzeTask } from "./bronze-task.ts";
import type { TaskContext } from "./context.ts";
import type { GraphNode } from "./graph.ts";
import { runModelTask } from "./model-task.ts";
import type { TaskOutcome } from "./outcome.ts";
import { runSinkTask } from "./sink-task.ts";

export async function performTask(task: TaskContext, node: GraphNode): Promise<TaskOutcome> {
  const { sources, sinks, sourceTables } = task.workspace;
  const { work } = node;
  if (work.kind === "model") return runModelTask(task, work.model);
  if (work.kind === "sink")
    return runSinkTask(task, known(sinks[work.sink], `sink ${work.sink}`), work.dataset);
  const table = sourceTables[work.source]?.find((candidate) => candidate.name === work.table);
  return runBronzeTask(task, {
    source: known(sources[work.source], `source ${work.source}`),
    table: known(table, `table ${work.table} of source ${work.source}`),
    sourceName: work.source,
  });
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined)
    throw new ShoplakeError("internal", `${what} is in the plan, but not in the workspace`);
  return value;
}
