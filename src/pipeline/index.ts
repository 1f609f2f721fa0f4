/** What runs and the outer layers use of the pipeline. */

export { addedColumns } from "./bronze/extract.ts";
export type {
  Adapters,
  Catalogue,
  Dataset,
  Host,
  Interval,
  OpenProject,
  Reading,
  TaskContext,
} from "./context.ts";
export { warn } from "./events.ts";
export type { DeclaredTable, GraphNode } from "./graph/graph.ts";
export { projectGraph } from "./graph/project-graph.ts";
export { selectNodes } from "./graph/select.ts";
export { addCounts, type JournalOptions, openJournal, type TaskJournal, type TaskTotals } from "./journal.ts";
export { auditPublished } from "./model/audit.ts";
export type { TaskOutcome } from "./outcome.ts";
export { openPins, type Pins } from "./plan/pins.ts";
export { createPlan, type DecidedPlan, type DecidedTask } from "./plan/plan.ts";
export * from "./record.ts";
export { publishDatasetView, syncViews } from "./target/views.ts";
export { performTask } from "./task.ts";
export * from "./types.ts";
