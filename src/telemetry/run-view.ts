/** What a terminal knows about a run: folded from its events, nothing else. */
import type { RunEmitter, RunEvents, Step, TaskCounts, TaskState } from "./events.ts";

export interface TaskView {
  readonly dataset: string;
  /** "bronze", "silver", "gold", or "sinks" for a dataset like "reporting:gold.sales". */
  readonly group: string;
  readonly reason: string;
  state: TaskState;
  attempt: number;
  step: Step | undefined;
  /** Rows of the step that is running. */
  rows: number;
  /** Milliseconds since 1970; undefined before it ran. */
  startedAt: number | undefined;
  endedAt: number | undefined;
  counts: TaskCounts | undefined;
  message: string | undefined;
}

export interface RunView {
  runId: string;
  startedAt: number;
  readonly tasks: Map<string, TaskView>;
}

export function emptyRun(now: number): RunView {
  return { runId: "", startedAt: now, tasks: new Map() };
}

/** Group of a dataset in the tree: its layer; sink tasks stand together. */
export function groupOf(dataset: string): string {
  return dataset.includes(":") ? "sinks" : (dataset.split(".")[0] ?? dataset);
}

/** Has the task ended, one way or another? */
export function isOver(state: TaskState): boolean {
  return state !== "queued" && state !== "running" && state !== "up_for_retry";
}

/** Keeps the view up to date with the events; `now` is milliseconds since 1970. Call the result to stop. */
export function follow(view: RunView, events: RunEmitter, now: () => number): () => void {
  const listeners = listenersOf(view, now);
  for (const [name, listener] of Object.entries(listeners)) events.on(name as keyof RunEvents, listener);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) events.off(name as keyof RunEvents, listener);
  };
}

type Listeners = { [K in keyof RunEvents]?: (event: RunEvents[K]) => void };

function listenersOf(view: RunView, now: () => number): Listeners {
  const task = (dataset: string) => view.tasks.get(dataset) ?? addTask(view, dataset, "");
  return {
    "run.started": ({ runId, tasks }) => {
      view.runId = runId;
      for (const { dataset, reason } of tasks) addTask(view, dataset, reason);
    },
    "task.state": ({ dataset, state, attempt, message }) => {
      const seen = task(dataset);
      if (state === "running") seen.startedAt ??= now();
      if (isOver(state)) seen.endedAt = now();
      Object.assign(seen, { state, attempt, message });
    },
    "task.step": ({ dataset, step }) => void Object.assign(task(dataset), { step, rows: 0 }),
    "task.progress": ({ dataset, rows }) => void Object.assign(task(dataset), { rows }),
    "task.published": ({ dataset, counts }) => void Object.assign(task(dataset), { counts }),
  };
}

function addTask(view: RunView, dataset: string, reason: string): TaskView {
  const added: TaskView = {
    dataset,
    group: groupOf(dataset),
    reason,
    state: "queued",
    attempt: 0,
    step: undefined,
    rows: 0,
    startedAt: undefined,
    endedAt: undefined,
    counts: undefined,
    message: undefined,
  };
  view.tasks.set(dataset, added);
  return added;
}
