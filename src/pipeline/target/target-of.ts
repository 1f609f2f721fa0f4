/** The target of a model: the warehouse or the lake. */
import { homeOf } from "../../api/datasets.ts";
import type { Model } from "../../project/project.ts";
import type { Host, TaskContext } from "../context.ts";
import { lakeState, lakeTarget } from "./lake.ts";
import type { PublishedState, Target } from "./target.ts";
import { warehouseState, warehouseTarget } from "./warehouse.ts";

/** Where a task publishes the rows of its model. */
export function targetOf(task: TaskContext, model: Model): Target {
  return homeOf(model.dataset) === "warehouse" ? warehouseTarget(task, model) : lakeTarget(task, model);
}

/** What is published of a model now; undefined: nothing yet. */
export function currentState(host: Host, { dataset }: Model): Promise<PublishedState | undefined> {
  return homeOf(dataset) === "warehouse" ? warehouseState(host, dataset) : lakeState(host, dataset);
}
