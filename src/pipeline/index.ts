/** What the outer layers use of the pipeline. */
export type { Workspace } from "./context.ts";
export { createPlan, projectGraph } from "./plan.ts";
export { recover } from "./recover.ts";
export { type RunOptions, runPlan } from "./run.ts";
export { selectNodes } from "./select.ts";
export type * from "./types.ts";
