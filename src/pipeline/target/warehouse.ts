/** Publishing a model into a warehouse table: the record is written in the comment of the table that is swapped in. */
import { table } from "../../engine/sql.ts";
import type { Model } from "../../project/project.ts";
import { versionIdOf, type WarehouseVersion } from "../../warehouse/version-record.ts";
import type { Host, TaskContext } from "../context.ts";
import type { BuiltFrom } from "./built-from.ts";
import { partitionCondition } from "./partitions.ts";
import type { PublishedState, StageRequest, Target, VersionRecord } from "./target.ts";

/** The published version of a warehouse dataset; undefined: none yet. */
export async function warehouseState(
  { warehouse }: Host,
  dataset: string,
): Promise<PublishedState | undefined> {
  const current = await warehouse.table(dataset).current();
  if (current === undefined) return undefined;
  const { version, fingerprint, inputs, inputMarks = {} } = current;
  const built = Object.entries(inputs).map(([name, number]): [string, BuiltFrom] => [
    name,
    { version: number, mark: inputMarks[name] },
  ]);
  return {
    version,
    id: versionIdOf(current),
    fingerprint,
    inputs: Object.fromEntries(built),
    from: table(dataset),
  };
}

/** Nothing is asked before the first call. */
export function warehouseTarget(task: TaskContext, model: Model): Target {
  const target = task.host.warehouse.table(model.dataset);
  return {
    published: async (partitions) => ({
      from: `(SELECT * FROM ${table(model.dataset)} WHERE ${partitionCondition(model.partitionBy ?? "''", partitions)})`,
      rows: undefined,
    }),
    async stage(request) {
      const staged = await target.stage({
        version: versionOf(task, request),
        base: request.base?.id,
        select: request.select,
        columns: request.columns,
        partitionBy: model.partitionBy,
        orderBy: model.orderBy.length > 0 ? model.orderBy : model.key,
        replaces: request.replaces,
        options: request.options,
      });
      let published = false;
      return {
        written: staged.written,
        total: staged.rows,
        fresh: table(staged.table),
        future: table(staged.table),
        async publish(counts) {
          await target.publish(staged, counts);
          published = true;
          return { version: staged.version.version, versionId: versionIdOf(staged.version) };
        },
        async discard() {
          if (!published) await target.discard(task.taskId);
        },
      };
    },
    async acknowledge(record) {
      const current = await target.current();
      if (current) await target.acknowledge({ ...current, ...keptRecord(record) });
    },
  };
}

function versionOf(
  { taskId, runId, host }: TaskContext,
  { record, mode, base }: StageRequest,
): WarehouseVersion {
  const version = (base?.version ?? 0) + 1;
  return {
    version,
    taskId,
    runId,
    ...keptRecord(record),
    mode,
    publishedAt: host.clock().toISOString(),
  };
}

/** A record as the comment of a table keeps it: numbers and marks apart, so that release 0.1.0 still reads the numbers. */
function keptRecord({
  fingerprint,
  inputs,
}: VersionRecord): Pick<WarehouseVersion, "fingerprint" | "inputs" | "inputMarks"> {
  const all = Object.entries(inputs);
  const marks = all.flatMap(([name, { mark }]) => (mark === undefined ? [] : [[name, mark] as const]));
  return {
    fingerprint,
    inputs: Object.fromEntries(all.map(([name, { version }]) => [name, version])),
    inputMarks: Object.fromEntries(marks),
  };
}
