/** Removes what a dead task left of a dataset: staged data files and tables that nobody will publish. */
import { deliveryOf, homeOf } from "../api/datasets.ts";
import type { TaskContext } from "../pipeline/index.ts";
import { warn } from "../pipeline/index.ts";

/** Only under the dataset's lease: nobody else may be staging for it. A delivery (`<sink>:<dataset>`) stages nothing here. */
export async function cleanDataset(task: TaskContext): Promise<void> {
  if (deliveryOf(task.dataset) !== undefined) return;
  const { lake, warehouse } = task.host;
  const tables = await warehouse.clean(task.dataset);
  const files =
    homeOf(task.dataset) === "warehouse" ? 0 : (await lake.table(task.dataset).cleanOrphans({})).length;
  if (tables + files > 0)
    warn(task, `removed what an interrupted run had left: ${files} data files, ${tables} tables`);
}
