/** What flows between the stages of a run. The words themselves are those of `src/api`. */
import type { PlanOptions } from "../api/plan.ts";
import type { TaskCounts } from "../api/runs.ts";
import type { Interval } from "./context.ts";

export type { Action, Plan, PlannedTask, PlanOptions } from "../api/plan.ts";
export type { InputVersions, RunReport, StepMs, TaskReport } from "../api/runs.ts";

/** The interval that the options ask for. */
export function intervalOf({ intervalStart, intervalEnd }: PlanOptions): Interval | undefined {
  return intervalStart === undefined || intervalEnd === undefined
    ? undefined
    : { start: intervalStart, end: intervalEnd };
}

/** Nothing was read. */
export const noCounts: TaskCounts = { read: 0, published: 0, rejected: 0, deduplicated: 0 };
