/** Short ways to tell what a task is doing. */
import type { Step } from "../telemetry/events.ts";
import type { TaskContext } from "./context.ts";

export function enter(task: TaskContext, step: Step): void {
  task.events.emit("task.step", { runId: task.runId, dataset: task.dataset, step });
}

export function warn(task: TaskContext, message: string): void {
  task.events.emit("task.warning", { runId: task.runId, dataset: task.dataset, message });
}

export function progress(task: TaskContext, rows: number): void {
  task.events.emit("task.progress", { runId: task.runId, dataset: task.dataset, rows });
}
