/** What the outer layers use of runs. */

export { livingTasks } from "./clean.ts";
export { newTaskId, placesOf, withLease } from "./leases.ts";
export { recover } from "./recover.ts";
export { type Run, type RunOptions, runPlan, startRun } from "./run.ts";
export { sweep } from "./sweep.ts";
