/** Publishing a model into a warehouse table: the record stands in the comment of the table that is swapped in. */
import { table } from "../../engine/sql.ts";
import type { Model } from "../../project/project.ts";
import type { WarehouseVersion } from "../../warehouse/version-record.ts";
import type { Host, TaskContext } from "../context.ts";
import { partitionCondition } from "./partitions.ts";
import type { PublishedState, StageRequest, Target } from "./target.ts";

/** The published version of a warehouse dataset; undefined: none yet. */
export async function warehouseState(
  { warehouse }: Host,
  dataset: string,
): Promise<PublishedState | undefined> {
  const current = await warehouse.table(dataset).current();
  return current && { ...current, from: table(dataset) };
}

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
          return staged.version.version;
        },
        async discard() {
          if (!published) await target.discard(task.taskId);
        },
      };
    },
    async acknowledge(record) {
      const current = await target.current();
      if (current) await target.acknowledge({ ...current, ...record });
    },
  };
}

function versionOf(
  { taskId, runId, host }: TaskContext,
  { record, mode, base }: StageRequest,
): WarehouseVersion {
  return { version: base + 1, taskId, runId, ...record, mode, publishedAt: host.clock().toISOString() };
}
