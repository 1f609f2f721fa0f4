/** Removes what a dead task left of a dataset: staged data files and tables that nobody will publish. */
import type { TaskContext } from "../pipeline/index.ts";
import { warn } from "../pipeline/index.ts";

/** Only under the dataset's lease: nobody else may be staging for it. A delivery (`<sink>:<dataset>`) stages nothing here. */
export async function cleanDataset(task: TaskContext): Promise<void> {
  if (task.dataset.includes(":")) return;
  const { lake, warehouse } = task.workspace;
  const tables = await warehouse.clean(task.dataset);
  const files = task.dataset.startsWith("gold.")
    ? 0
    : (await lake.table(task.dataset).cleanOrphans({})).length;
  if (tables + files > 0)
    warn(task, `removed what an interrupted run had left: ${files} data files, ${tables} tables`);
}
