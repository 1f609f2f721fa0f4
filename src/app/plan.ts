/** What a run would do. */
import { createPlan, type OpenProject, type Plan, type PlanOptions } from "../pipeline/index.ts";

/** The plan of a run and the reason of each task. Nothing is written; sources are not read. Throws `usage` for a wrong selector. */
export function planOf(project: OpenProject, options: PlanOptions, signal: AbortSignal): Promise<Plan> {
  return createPlan(project, options, signal);
}
