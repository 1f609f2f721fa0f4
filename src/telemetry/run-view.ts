/** What is known of a run: folded from its events, nothing else. A terminal draws it; who comes late to a run reads it first. */

import type { CheckResult } from "../api/checks.ts";
import { deliveryOf } from "../api/datasets.ts";
import type { EventName, RunEvents } from "../api/events.ts";
import type { Action } from "../api/plan.ts";
import type { InputVersions, RunState, Step, StepMs, TaskCounts, TaskState } from "../api/runs.ts";
import type { RunBus } from "./bus.ts";
import type { Listeners } from "./events.ts";

/** What is known of a task. Times are milliseconds since 1970. */
export interface TaskView {
  /** "" until the run told it. */
  readonly taskId: string;
  /** What it publishes. */
  readonly dataset: string;
  /** "bronze", "silver", "gold", or "sinks" for a dataset like "reporting:gold.sales". */
  readonly group: string;
  /** What the plan expects it to do; undefined when the plan did not name it. */
  readonly action: Action | undefined;
  /** Of the plan, for a person. */
  readonly reason: string;
  /** Datasets of tasks that must have ended first. */
  readonly dependsOn: readonly string[];
  /** Now. */
  readonly state: TaskState;
  /** 0 before the first. */
  readonly attempt: number;
  /** The last that it entered. */
  readonly step: Step | undefined;
  /** Rows of the step that is running. */
  readonly rows: number;
  /** undefined before it ran. */
  readonly startedAt: number | undefined;
  /** undefined before it ended. */
  readonly endedAt: number | undefined;
  /** undefined before it published or ended. */
  readonly counts: TaskCounts | undefined;
  /** Versions that it reads, as far as they are known. */
  readonly inputs: InputVersions | undefined;
  /** Of its end. */
  readonly stepsMs: StepMs | undefined;
  /** Of its last state. */
  readonly message: string | undefined;
}

/** A warning of the run or of one of its tasks. */
export interface WarningView {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** undefined: of the run as a whole. */
  readonly dataset: string | undefined;
  /** One line. */
  readonly message: string;
}

/** What is known of a run. A snapshot: it never changes. */
export interface RunView {
  /** "" until the run told it. */
  readonly runId: string;
  /** Now. */
  readonly state: RunState;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds since 1970; undefined before it ended. */
  readonly endedAt: number | undefined;
  /** In the order of the plan. */
  readonly tasks: readonly TaskView[];
  /** The last hundred. */
  readonly warnings: readonly WarningView[];
  /** Checks that did not pass, the last hundred. */
  readonly failedChecks: readonly CheckResult[];
}

const kept = 100;

/** A run that nothing is known of; `now` is milliseconds since 1970. */
export function emptyRun(now: number): RunView {
  return {
    runId: "",
    state: "queued",
    startedAt: now,
    endedAt: undefined,
    tasks: [],
    warnings: [],
    failedChecks: [],
  };
}

/** Group of a dataset in the tree: its layer; sink tasks are one group. */
export function groupOf(dataset: string): string {
  return deliveryOf(dataset) === undefined ? (dataset.split(".")[0] ?? dataset) : "sinks";
}

const ends: ReadonlySet<TaskState> = new Set([
  "success",
  "failed",
  "skipped",
  "upstream_failed",
  "cancelled",
]);

/** Has the task ended, one way or another? */
export function isOver(state: TaskState): boolean {
  return ends.has(state);
}

/** A view that is kept up to date. */
export interface Followed {
  /** As of now. */
  view(): RunView;
  /** Ends it. */
  stop(): void;
}

/** Keeps a view up to date with the events of a bus; `now` is milliseconds since 1970. */
export function follow(bus: RunBus, now: number): Followed {
  let view = emptyRun(now);
  const listeners = Object.fromEntries(
    Object.keys(folds).map((name) => [
      name,
      (event: RunEvents[EventName]) => {
        view = fold(view, name as EventName, event);
      },
    ]),
  ) as Listeners;
  return { view: () => view, stop: bus.subscribe("the view of the run", listeners) };
}

/** The view after one more event. */
export function fold<K extends EventName>(view: RunView, name: K, event: RunEvents[K]): RunView {
  return folds[name](view, event);
}

type Folds = { readonly [K in EventName]: (view: RunView, event: RunEvents[K]) => RunView };

const folds: Folds = {
  "run.started": (view, { runId, at, tasks }) => ({
    ...view,
    runId,
    state: "running",
    startedAt: Date.parse(at),
    tasks: tasks.map((task) => ({ ...newTask(task.dataset), ...task })),
  }),
  "task.state": (view, { at, dataset, taskId, state, attempt, message, counts, inputs, stepsMs }) =>
    change(view, dataset, (task) => ({
      taskId,
      state,
      attempt,
      message,
      counts: counts ?? task.counts,
      inputs: inputs ?? task.inputs,
      stepsMs: stepsMs ?? task.stepsMs,
      startedAt: state === "running" ? (task.startedAt ?? Date.parse(at)) : task.startedAt,
      endedAt: isOver(state) ? Date.parse(at) : task.endedAt,
    })),
  "task.inputs": (view, { dataset, inputs }) => change(view, dataset, () => ({ inputs })),
  "task.step": (view, { dataset, step }) => change(view, dataset, () => ({ step, rows: 0 })),
  "task.progress": (view, { dataset, rows }) => change(view, dataset, () => ({ rows })),
  "task.warning": (view, { at, dataset, message }) => warned(view, { at: Date.parse(at), dataset, message }),
  "task.published": (view, { dataset, counts }) => change(view, dataset, () => ({ counts })),
  "check.result": (view, { result }) =>
    result.success ? view : { ...view, failedChecks: [...view.failedChecks, result].slice(-kept) },
  "run.warning": (view, { at, message }) => warned(view, { at: Date.parse(at), dataset: undefined, message }),
  "run.finished": (view, { at, state }) => ({ ...view, state, endedAt: Date.parse(at) }),
};

function warned(view: RunView, warning: WarningView): RunView {
  return { ...view, warnings: [...view.warnings, warning].slice(-kept) };
}

/** A task that the plan did not name is added. */
function change(view: RunView, dataset: string, to: (task: TaskView) => Partial<TaskView>): RunView {
  const known = view.tasks.some((task) => task.dataset === dataset);
  const tasks = known ? view.tasks : [...view.tasks, newTask(dataset)];
  return {
    ...view,
    tasks: tasks.map((task) => (task.dataset === dataset ? { ...task, ...to(task) } : task)),
  };
}

function newTask(dataset: string): TaskView {
  return {
    taskId: "",
    dataset,
    group: groupOf(dataset),
    action: undefined,
    reason: "",
    dependsOn: [],
    state: "queued",
    attempt: 0,
    step: undefined,
    rows: 0,
    startedAt: undefined,
    endedAt: undefined,
    counts: undefined,
    inputs: undefined,
    stepsMs: undefined,
    message: undefined,
  };
}
