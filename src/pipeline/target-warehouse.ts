/** Publishing a model into a warehouse table: the record stands in the comment of the table that is swapped in. */
import { table } from "../engine/sql.ts";
import type { Model } from "../project/project.ts";
import type { WarehouseTable, WarehouseVersion } from "../warehouse/warehouse.ts";
import type { TaskContext } from "./context.ts";
import { partitionCondition } from "./partition-condition.ts";
import type { Target, VersionRecord } from "./target.ts";

export function warehouseTarget(task: TaskContext, model: Model): Target {
  const target = task.workspace.warehouse.table(model.dataset);
  return {
    async current() {
      const current = await target.current();
      return current && { ...current, from: table(model.dataset) };
    },
    published: async (partitions) =>
      `(SELECT * FROM ${table(model.dataset)} WHERE ${partitionCondition(model.partitionBy ?? "''", partitions)})`,
    async stage(request) {
      const staged = await target.stage({
        taskId: task.taskId,
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
        async publish(record, summary) {
          const next = { ...(await nextVersion(task, target, record)), ...summary };
          await target.publish(staged, next);
          published = true;
          return next.version;
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

async function nextVersion(
  task: TaskContext,
  target: WarehouseTable,
  record: VersionRecord,
): Promise<Omit<WarehouseVersion, "mode" | "counts">> {
  const current = await target.current();
  return {
    version: (current?.version ?? 0) + 1,
    taskId: task.taskId,
    runId: task.runId,
    ...record,
    publishedAt: task.workspace.clock().toISOString(),
  };
}
