/** What a task says of itself at its end. */
import type { TaskCounts, TaskReport, TaskState } from "../api/runs.ts";
import { addCounts, type TaskOutcome } from "../pipeline/index.ts";
import { plainError, ShoplakeError } from "../util/errors.ts";
import type { TaskWork } from "./work.ts";

/** How often and how long a task was attempted. */
export interface Effort {
  /** 0: not begun. */
  readonly attempt: number;
  /** From the beginning of the first attempt. */
  readonly durationMs: number;
}

/** A task that did its work. `before`: what attempts before the last one had published. */
export function succeeded(
  task: TaskWork,
  outcome: TaskOutcome,
  { before, ...effort }: Effort & { readonly before: TaskCounts },
): TaskReport {
  const { failure: _, counts, ...rest } = outcome;
  return { ...basis(task), ...effort, ...rest, state: "success", counts: addCounts(before, counts) };
}

/** A task that could not do its work, or whose checks stopped it; then `outcome` says how far it came. */
export function failed(
  task: TaskWork,
  error: unknown,
  { outcome, ...effort }: Effort & { readonly outcome?: TaskOutcome },
): TaskReport {
  return {
    ...basis(task),
    ...effort,
    ...(outcome === undefined
      ? {}
      : { action: outcome.action, reason: outcome.reason, checks: outcome.checks, staged: outcome.counts }),
    state: "failed",
    error: plainError(error),
  };
}

/** A task that was stopped together with its run. `reason`: what it threw when it was, or why the run was cancelled. */
export function cancelled(task: TaskWork, reason: unknown, effort: Effort): TaskReport {
  const { message } = plainError(reason);
  const text = effort.attempt === 0 ? `cancelled before it began: ${message}` : `cancelled: ${message}`;
  const error = new ShoplakeError("interrupted", text, {
    hint: "Nothing of it is half published; the next run does what is left.",
  });
  return { ...basis(task), ...effort, state: "cancelled", error: plainError(error) };
}

/** A task that is not attempted. */
export function notBegun(task: TaskWork, state: TaskState, reason: string): TaskReport {
  return { ...basis(task), attempt: 0, durationMs: 0, state, reason };
}

function basis({ planned, taskId, journal }: TaskWork) {
  const { dataset, layer, action, reason } = planned;
  const { stepsMs, inputs, counts, bytes } = journal.totals();
  return {
    ...{ taskId, dataset, layer, action, reason, checks: [], counts, stepsMs },
    ...(inputs === undefined ? {} : { inputs }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}
