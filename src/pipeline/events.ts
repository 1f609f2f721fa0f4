/** Short ways to tell what a task is doing. */
import type { InputVersions, Step } from "../api/runs.ts";
import type { TaskContext } from "./context.ts";

/** The task begins a step; the one before is over. */
export function enter({ journal }: TaskContext, step: Step): void {
  journal.enter(step);
}

/** The task knows which versions it reads. */
export function reads({ journal }: TaskContext, inputs: InputVersions): void {
  journal.reads(inputs);
}

/** Something a person should know that does not stop the task. */
export function warn({ journal }: TaskContext, message: string): void {
  journal.warn(message);
}

/** Rows so far, of the step that is running. */
export function progress({ journal }: TaskContext, rows: number): void {
  journal.progress(rows);
}
