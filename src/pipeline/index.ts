/** What runs and the outer layers use of the pipeline. */

export type { Interval, TaskContext, Workspace } from "./context.ts";
export { warn } from "./events.ts";
export type { GraphNode } from "./graph/graph.ts";
export { selectNodes } from "./graph/select.ts";
export type { TaskOutcome } from "./outcome.ts";
export { dropDeadPins, openPins, type Pins } from "./plan/pins.ts";
export { createPlan, projectGraph } from "./plan/plan.ts";
export * from "./record.ts";
export { publishDatasetView, syncViews } from "./target/views.ts";
export { performTask } from "./task.ts";
export * from "./types.ts";
