/**
 * What one task has to say, all its attempts together. The steps tell it; it tells the events of the run, measures the steps, and
 * adds up what was published, so that the report of a task knows all of that however the task ends.
 */
import type { CheckResult } from "../api/checks.ts";
import type { InputVersions, Step, StepMs, TaskCounts } from "../api/runs.ts";
import type { RunBus } from "../telemetry/bus.ts";
import { noCounts } from "./types.ts";

/** What a task has come to, as its report says it. */
export interface TaskTotals {
  /** Milliseconds by step. */
  readonly stepsMs: StepMs;
  /** The versions that it read; undefined: not known yet. */
  readonly inputs: InputVersions | undefined;
  /** Of all that it published. */
  readonly counts: TaskCounts;
  /** Of the data files that it published; undefined: not known. */
  readonly bytes: number | undefined;
}

/** What one task tells while it works. */
export interface TaskJournal {
  /** A step begins, and with it the one before ends. */
  enter(step: Step): void;
  /** Nothing is being done any more: the attempt is over. */
  rest(): void;
  /** The task reads these versions. */
  reads(inputs: InputVersions): void;
  /** Rows so far, of the step that is running. */
  progress(rows: number): void;
  /** Something a person should know that does not stop the task. */
  warn(message: string): void;
  /** A check was evaluated. */
  checked(result: CheckResult): void;
  /** The task has published these rows; `bytes` of data files, where they are known. */
  published(counts: TaskCounts, bytes?: number): void;
  /** As of now. */
  totals(): TaskTotals;
}

/** Whose journal it is. */
export interface JournalOptions {
  /** Where events go. */
  readonly events: RunBus;
  /** Measures the steps. */
  readonly clock: () => Date;
  /** Of all attempts. */
  readonly taskId: string;
  /** What the task publishes. */
  readonly dataset: string;
}

/** An empty journal. */
export function openJournal({ events, clock, taskId, dataset }: JournalOptions): TaskJournal {
  const of = { taskId, dataset };
  const watch = stepWatch(clock);
  let inputs: InputVersions | undefined;
  let counts = noCounts;
  let bytes: number | undefined;
  return {
    enter(step) {
      watch.enter(step);
      events.emit("task.step", { ...of, step });
    },
    rest: () => watch.enter(undefined),
    reads(versions) {
      inputs = versions;
      events.emit("task.inputs", { ...of, inputs: versions });
    },
    progress: (rows) => events.emit("task.progress", { ...of, rows }),
    warn: (message) => events.emit("task.warning", { ...of, message }),
    checked: (result) => events.emit("check.result", { result }),
    published(added, size) {
      counts = addCounts(counts, added);
      if (size !== undefined) bytes = (bytes ?? 0) + size;
    },
    totals: () => ({ stepsMs: watch.stepsMs(), inputs, counts, bytes }),
  };
}

interface StepWatch {
  /** undefined: no step. */
  enter(step: Step | undefined): void;
  stepsMs(): StepMs;
}

function stepWatch(clock: () => Date): StepWatch {
  const stepsMs: Partial<Record<Step, number>> = {};
  let current: { readonly step: Step; readonly since: number } | undefined;
  const enter = (step: Step | undefined): void => {
    const now = clock().getTime();
    if (current !== undefined)
      stepsMs[current.step] = (stepsMs[current.step] ?? 0) + Math.max(0, now - current.since);
    current = step === undefined ? undefined : { step, since: now };
  };
  return {
    enter,
    stepsMs() {
      enter(current?.step);
      return { ...stepsMs };
    },
  };
}

/** The counts of both together. */
export function addCounts(a: TaskCounts, b: TaskCounts): TaskCounts {
  return {
    read: a.read + b.read,
    published: a.published + b.published,
    rejected: a.rejected + b.rejected,
    deduplicated: a.deduplicated + b.deduplicated,
  };
}
