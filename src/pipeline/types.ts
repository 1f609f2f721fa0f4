/** What flows between the stages of a run: plain readonly data. */
import type { Layer } from "../api/datasets.ts";
import type { CheckResult } from "../quality/check.ts";
import type { RunState, TaskCounts, TaskState } from "../telemetry/events.ts";
import type { PlainError } from "../util/errors.ts";
import type { Interval } from "./context.ts";

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

export interface PlannedTask {
  /** Dataset it publishes: "silver.orders". A sink task: "reporting:gold.fact_daily_sales". */
  readonly dataset: string;
  readonly layer: Layer | "sink";
  readonly action: Action;
  /** One line for a person: "3 partitions, 1,204 new rows in bronze.shop_orders since version 41". */
  readonly reason: string;
  /** Partitions to rebuild, as text; only with action `partitions`. */
  readonly partitions?: readonly string[];
  /** Tasks of the same plan that must have ended first. */
  readonly dependsOn: readonly string[];
}

export interface PlanOptions {
  /** dbt-style selectors; empty or absent: everything. */
  readonly select?: readonly string[];
  readonly fullRefresh?: boolean;
  /** ISO date or date-time, inclusive. With `intervalEnd`: rebuilds the partitions of that time only. */
  readonly intervalStart?: string;
  /** Exclusive. */
  readonly intervalEnd?: string;
  /** Places of rejects that the sources shall read once more, as `BronzeState.again` has them. */
  readonly again?: readonly string[];
}

/** The interval that the options ask for. */
export function intervalOf({ intervalStart, intervalEnd }: PlanOptions): Interval | undefined {
  return intervalStart === undefined || intervalEnd === undefined
    ? undefined
    : { start: intervalStart, end: intervalEnd };
}

export interface Plan {
  readonly tasks: readonly PlannedTask[];
  readonly options: PlanOptions;
}

export interface TaskReport {
  readonly dataset: string;
  readonly layer: Layer | "sink";
  readonly state: TaskState;
  readonly attempt: number;
  readonly action: Action;
  readonly reason: string;
  /** The version that is published now; undefined: none yet. */
  readonly version?: number;
  /** Tells that version from every other one, also of the same number; undefined: none yet, or an older release noted it. */
  readonly versionId?: string;
  readonly counts: TaskCounts;
  /** Of a task that its checks stopped: what became of the rows it read. `published` of them were staged, and are not published. */
  readonly staged?: TaskCounts;
  readonly checks: readonly CheckResult[];
  readonly error?: PlainError;
  readonly durationMs: number;
}

export interface RunReport {
  readonly runId: string;
  readonly state: RunState;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly tasks: readonly TaskReport[];
}

export const noCounts: TaskCounts = { read: 0, published: 0, rejected: 0, deduplicated: 0 };
