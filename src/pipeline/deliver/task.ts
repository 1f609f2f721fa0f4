/** Makes a sink equal to the published version of a dataset. */
import type { Sink } from "../../sinks/sink.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { TaskContext } from "../context.ts";
import { enter, warn } from "../events.ts";
import type { DatasetReferences } from "../graph/references.ts";
import type { TaskOutcome } from "../outcome.ts";
import { publishedInput, requireSameInputs } from "../plan/inputs.ts";

export async function runSinkTask(
  task: TaskContext,
  sink: Sink,
  { dataset, references, referenced }: { readonly dataset: string } & DatasetReferences,
): Promise<TaskOutcome> {
  enter(task, "plan");
  const input = await publishedInput(task.host, dataset);
  if (input === undefined) {
    throw new ShoplakeError("sink", `${dataset} has never been published`, {
      where: task.dataset,
      hint: `Run it first: shoplake run +${dataset}`,
    });
  }
  const { model, columns = [] } = task.catalogue.datasets.get(dataset) ?? {};
  enter(task, "publish");
  const result = await sink.write(
    {
      dataset,
      version: input.version,
      identity: input.identity,
      from: input.from,
      columns: input.snapshot?.columns ?? columns,
      key: model?.key ?? [],
      description: model?.description ?? "",
      columnDescriptions: Object.fromEntries(
        model?.columns.map((column) => [column.name, column.description]) ?? [],
      ),
      references,
      referenced,
    },
    {
      engine: task.host.engine,
      spool: task.spool,
      projectDir: task.host.dir,
      signal: task.signal,
      warn: (message) => warn(task, message),
    },
  );
  if (!result.unchanged) await requireSameInputs(task.host, task.dataset, [input]);
  const changed = result.inserted + result.updated + result.deleted;
  const reason = result.unchanged
    ? `holds version ${input.version} already`
    : `version ${input.version}: ${result.inserted} inserted, ${result.updated} updated, ${result.deleted} deleted`;
  return {
    action: result.unchanged ? "none" : "deliver",
    reason,
    version: input.version,
    counts: { read: changed, published: changed, rejected: 0, deduplicated: 0 },
    checks: [],
  };
}
