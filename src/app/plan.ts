/** What a run would do. */
import { createPlan, type OpenProject, type Plan, type PlanOptions } from "../pipeline/index.ts";

/**
 * The plan of a run and the reason of each task, without what only a run needs. Nothing is written; sources are not read. Throws
 * `usage` for a wrong selector.
 */
export async function planOf(project: OpenProject, options: PlanOptions, signal: AbortSignal): Promise<Plan> {
  const plan = await createPlan(project, options, signal);
  return { ...plan, tasks: plan.tasks.map(({ made: _, ...task }) => task) };
}
