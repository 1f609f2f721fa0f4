/**
 * The life of a task: plan, stage, audit, publish, record. What a step does is filled in by the kind of the task; the order,
 * the fence before publishing and the clean-up after it are the same for all, and are here.
 */
import type { CheckResult } from "../api/checks.ts";
import type { Step } from "../api/runs.ts";
import type { TaskContext } from "./context.ts";
import { enter } from "./events.ts";
import type { PublishedVersion, TaskOutcome } from "./outcome.ts";

/** What a step gives: work for the next one, or the end of the task. */
export type Next<T> = { readonly go: T } | { readonly end: TaskOutcome };

/** The steps of one kind of task. `Planned` is what to do, `Rows` is what was written aside. */
export interface TaskSteps<Planned, Rows> {
  /** Looks at what there is and decides; writes no row. */
  plan(): Promise<Next<Planned>>;
  /** Writes rows where no reader looks. When it throws, nothing of them is left. */
  stage(planned: Planned): Promise<Rows>;
  /** Judges what was written aside; `go` holds the results of its checks. */
  audit(rows: Rows): Promise<Next<readonly CheckResult[]>>;
  /** Makes the rows visible in one atomic step. Called behind the fence. */
  publish(rows: Rows, checks: readonly CheckResult[]): Promise<PublishedOutcome>;
  /** Tells the ops tables. What a crash leaves untold is found again by the next run. */
  record(rows: Rows, published: PublishedOutcome): Promise<void>;
  /** Removes what was written aside and not published. Called once, whatever happened. */
  discard(rows: Rows): Promise<void>;
}

/** The outcome of a task that published a version. */
export type PublishedOutcome = TaskOutcome & PublishedVersion;

/** Takes a task through its steps. Throws what stops it; bad data of a model is no exception but a failed outcome. */
export async function runSteps<Planned, Rows>(
  task: TaskContext,
  steps: TaskSteps<Planned, Rows>,
): Promise<TaskOutcome> {
  const planned = await timed(task, "plan", () => steps.plan());
  if ("end" in planned) return planned.end;
  const rows = await timed(task, "stage", () => steps.stage(planned.go));
  try {
    const audited = await timed(task, "audit", () => steps.audit(rows));
    if ("end" in audited) return audited.end;
    const published = await timed(task, "publish", async () => {
      await task.fence();
      return steps.publish(rows, audited.go);
    });
    task.journal.published(published.counts, published.bytes);
    await timed(task, "record", () => steps.record(rows, published));
    return published;
  } finally {
    await steps.discard(rows);
  }
}

/**
 * Tells that the step begins, and adds the time it takes to that of the task. A cancelled task begins no step any more, but what
 * it has published is recorded.
 */
async function timed<T>(task: TaskContext, step: Step, work: () => Promise<T>): Promise<T> {
  if (step !== "record") task.signal.throwIfAborted();
  enter(task, step);
  try {
    return await work();
  } finally {
    task.journal.rest();
  }
}
