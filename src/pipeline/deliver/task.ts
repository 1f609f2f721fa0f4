/** Makes a sink equal to the published version of a dataset. */
import type { Sink, SinkContext, SinkInput, SinkResult } from "../../sinks/sink.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { TaskContext } from "../context.ts";
import { reads, warn } from "../events.ts";
import type { DatasetReferences } from "../graph/references.ts";
import type { TaskOutcome } from "../outcome.ts";
import { type Input, idsOf, publishedInput, requireSameInputs } from "../plan/inputs.ts";
import { runSteps, type TaskSteps } from "../steps.ts";

/** What is delivered: a dataset and how it and its neighbours in the sink refer to each other. */
export type DeliveryWork = { readonly dataset: string } & DatasetReferences;

/** Takes the delivery of a dataset through its steps. Throws `sink` when the dataset was never published. */
export function runDeliveryTask(task: TaskContext, sink: Sink, work: DeliveryWork): Promise<TaskOutcome> {
  return runSteps(task, deliverySteps(task, sink, work));
}

/** A sink writes aside and publishes in one step of its own. */
function deliverySteps(task: TaskContext, sink: Sink, work: DeliveryWork): TaskSteps<Input, Input> {
  return {
    plan: async () => ({ go: await inputOf(task, work.dataset) }),
    stage: async (input) => input,
    audit: async () => ({ go: [] }),
    async publish(input) {
      const result = await sink.write(sinkInput(task, input, work), sinkContext(task));
      if (!result.unchanged) await requireSameInputs(task.host, task.dataset, [input]);
      return { ...outcomeOf(input.version, result), version: input.version, versionId: input.id };
    },
    record: async () => undefined,
    discard: async () => undefined,
  };
}

async function inputOf(task: TaskContext, dataset: string): Promise<Input> {
  const input = await publishedInput(task.host, dataset);
  if (input !== undefined) {
    reads(task, idsOf([input]));
    return input;
  }
  throw new ShoplakeError("sink", `${dataset} has never been published`, {
    where: task.dataset,
    hint: `Run it first: shoplake run +${dataset}`,
  });
}

function sinkInput(
  { catalogue, reload }: TaskContext,
  { version, id, from, snapshot }: Input,
  { dataset, references, referenced }: DeliveryWork,
): SinkInput {
  const { model, columns = [] } = catalogue.datasets.get(dataset) ?? {};
  const described = model?.columns.map((column) => [column.name, column.description] as const) ?? [];
  return {
    dataset,
    version,
    identity: id,
    from,
    columns: snapshot?.columns ?? columns,
    key: model?.key ?? [],
    description: model?.description ?? "",
    columnDescriptions: Object.fromEntries(described),
    references,
    referenced,
    reload: reload === true,
  };
}

function sinkContext(task: TaskContext): SinkContext {
  return {
    engine: task.host.engine,
    spool: task.spool,
    projectDir: task.host.dir,
    signal: task.signal,
    warn: (message) => warn(task, message),
  };
}

function outcomeOf(version: number, result: SinkResult): TaskOutcome {
  const { inserted, updated, deleted, unchanged } = result;
  const changed = inserted + updated + deleted;
  return {
    action: unchanged ? "none" : "deliver",
    reason: unchanged
      ? `holds version ${version} already`
      : `version ${version}: ${inserted} inserted, ${updated} updated, ${deleted} deleted`,
    counts: { read: changed, published: changed, rejected: 0, deduplicated: 0 },
    checks: [],
  };
}
