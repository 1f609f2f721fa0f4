/** What the outer layers use of runs. */

export { recover } from "./recover.ts";
export { type RunOptions, runPlan } from "./runner.ts";
export { sweep } from "./sweep.ts";
