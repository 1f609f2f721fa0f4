/** What the outer layers use of runs. */

export { recover } from "./recover.ts";
export { type Run, type RunOptions, runPlan, startRun } from "./run.ts";
export { sweep } from "./sweep.ts";
