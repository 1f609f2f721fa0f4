/** The target of a model by its layer: gold is the warehouse, everything else the lake. */
import type { Model } from "../../project/project.ts";
import type { TaskContext } from "../context.ts";
import { lakeTarget } from "./lake.ts";
import type { Target } from "./target.ts";
import { warehouseTarget } from "./warehouse.ts";

export function targetOf(task: TaskContext, model: Model): Target {
  return model.layer === "gold" ? warehouseTarget(task, model) : lakeTarget(task, model);
}
