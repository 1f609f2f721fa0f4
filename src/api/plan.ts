/** What a run would do: plain data that is printed, sent and carried out. */
import { z } from "zod";
import type { Layer } from "./datasets.ts";

/**
 * What a task will do to its dataset.
 * - `none`: inputs and model are those of the published version
 * - `append`: the rows of new input rows are added
 * - `merge`: new input rows replace published rows of the same key; only their partitions are rewritten
 * - `partitions`: only the partitions that depend on changed input rows are rebuilt
 * - `full`: everything is rebuilt
 * - `extract`: a source is asked for what bronze does not hold yet
 * - `deliver`: a sink is made equal to the published version
 * - `upstream`: decided when the datasets it reads have been published by this run
 */
export type Action = "none" | "append" | "merge" | "partitions" | "full" | "extract" | "deliver" | "upstream";

/** The layer that the dataset of a task belongs to; `sink` for a delivery. */
export type TaskLayer = Layer | "sink";

/** One task of a plan. */
export interface PlannedTask {
  /** Dataset it publishes: "silver.orders". A sink task: "reporting:gold.fact_daily_sales". */
  readonly dataset: string;
  /** The layer that it belongs to. */
  readonly layer: TaskLayer;
  /** What it will do. */
  readonly action: Action;
  /** One line for a person: "3 partitions, 1,204 new rows in bronze.shop_orders since version 41". */
  readonly reason: string;
  /** Partitions to rebuild, as text; only with action `partitions`. */
  readonly partitions?: readonly string[];
  /** Tasks of the same plan that must have ended first; each of them comes earlier in the plan. */
  readonly dependsOn: readonly string[];
}

/** What a plan was asked for. */
export interface PlanOptions {
  /** dbt-style selectors; empty or absent: everything. */
  readonly select?: readonly string[];
  /** Everything is built anew. Default false. */
  readonly fullRefresh?: boolean;
  /** ISO date or date-time, inclusive. With `intervalEnd`: rebuilds the partitions of that time only. */
  readonly intervalStart?: string;
  /** Exclusive. */
  readonly intervalEnd?: string;
  /** Places of rejects that the sources shall read once more, as `BronzeState.again` has them. */
  readonly again?: readonly string[];
  /** True: sources are read from the start, sinks compare all rows, whatever was taken or delivered before. Default false. */
  readonly reload?: boolean;
}

/** Tasks in the order they can run. */
export interface Plan {
  /** Each after what it depends on. */
  readonly tasks: readonly PlannedTask[];
  /** What was asked for. */
  readonly options: PlanOptions;
}

/** Values of `Action`. */
export const actionSchema: z.ZodType<Action> = z.enum([
  "none",
  "append",
  "merge",
  "partitions",
  "full",
  "extract",
  "deliver",
  "upstream",
]);

/** Values of `TaskLayer`. */
export const taskLayerSchema: z.ZodType<TaskLayer> = z.enum(["bronze", "silver", "gold", "sink"]);

const texts = z.array(z.string());

/** Checks what `shoplake plan --json` prints: a `Plan`. */
export const planSchema: z.ZodType<Plan> = z.strictObject({
  tasks: z.array(
    z.strictObject({
      dataset: z.string(),
      layer: taskLayerSchema,
      action: actionSchema,
      reason: z.string(),
      partitions: texts.exactOptional(),
      dependsOn: texts,
    }),
  ),
  options: z.strictObject({
    select: texts.exactOptional(),
    fullRefresh: z.boolean().exactOptional(),
    intervalStart: z.string().exactOptional(),
    intervalEnd: z.string().exactOptional(),
    again: texts.exactOptional(),
    reload: z.boolean().exactOptional(),
  }),
});
