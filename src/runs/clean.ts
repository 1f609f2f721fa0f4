/** Removes what a dead task left of a dataset: staged data files and tables that nobody will publish. */
import { deliveryOf, homeOf } from "../api/datasets.ts";
import { ownerOfTask } from "../state/owners.ts";
import type { LeaseRequest } from "./leases.ts";

/**
 * Only under the dataset's lease. What a living process has staged stays, also when its lease was taken over: it may be about
 * to publish, and finds out by itself. A delivery (`<sink>:<dataset>`) stages nothing here.
 */
export async function cleanDataset(request: LeaseRequest): Promise<void> {
  const { dataset, lake, warehouse, warn } = request;
  if (deliveryOf(dataset) !== undefined) return;
  const keeps = livingTasks(request);
  const tables = await warehouse.clean(dataset, keeps);
  const files =
    homeOf(dataset) === "warehouse" ? 0 : (await lake.table(dataset).cleanOrphans({ keeps })).length;
  if (tables + files > 0)
    warn(`removed what an interrupted run had left: ${files} data files, ${tables} tables`);
}

/**
 * Whether what a task has staged for the dataset may still be published. Of this process it may when another of its leases of
 * the dataset is being worked under; of another one when its owner lives. Ids of older versions name no owner: they are dead,
 * for the lease is ours.
 */
export function livingTasks({
  owner,
  dataset,
}: Pick<LeaseRequest, "owner" | "dataset">): (taskId: string) => Promise<boolean> {
  return async (taskId) => {
    const other = ownerOfTask(taskId);
    if (other === undefined) return false;
    if (other !== owner.id) return (await owner.lifeOf(other)) === "alive";
    const here = [...owner.holdings.values()].filter(({ name, working }) => working && name === dataset);
    return here.length > 1;
  };
}
