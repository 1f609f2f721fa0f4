/** Runs a plan: independent tasks in parallel, each under its lease, with retries; a failed one stops what depends on it. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TaskFailure } from "../state/records.ts";
import { RunEmitter, type RunState } from "../telemetry/events.ts";
import { isLostEngine, isRetryable, messageOf, ShoplakeError } from "../util/errors.ts";
import { retrying } from "../util/retry.ts";
import type { TaskContext, Workspace } from "./context.ts";
import type { GraphNode } from "./graph.ts";
import { withLease } from "./leases.ts";
import type { TaskOutcome } from "./outcome.ts";
import { openPins, type Pins } from "./pins.ts";
import { projectGraph } from "./plan.ts";
import { recordRunEnd, recordRunStart, recordTask } from "./record.ts";
import { recover, removeUnpublishedRejects } from "./recover.ts";
import { performTask } from "./task.ts";
import { noCounts, type Plan, type PlannedTask, type RunReport, type TaskReport } from "./types.ts";
import { withoutInput } from "./without-input.ts";

export interface RunOptions {
  readonly events?: RunEmitter;
  readonly signal?: AbortSignal;
}

interface Run {
  readonly workspace: Workspace;
  readonly plan: Plan;
  readonly runId: string;
  readonly events: RunEmitter;
  readonly signal: AbortSignal;
  readonly pins: Pins;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly startedAt: Date;
}

/** For what may be done twice, when the engine went away in the middle of it. */
const onceMore = { attempts: 3, again: isLostEngine };

/** Runs every task of the plan and reports each; throws only when the run itself cannot go on. */
export async function runPlan(
  workspace: Workspace,
  plan: Plan,
  options: RunOptions = {},
): Promise<RunReport> {
  const runId = workspace.newId();
  const run: Run = {
    workspace,
    plan,
    runId,
    events: options.events ?? new RunEmitter(),
    signal: options.signal ?? new AbortController().signal,
    pins: openPins(workspace.engine, { pid: workspace.host.pid, id: runId }),
    nodes: new Map(projectGraph(workspace).map((node) => [node.dataset, node])),
    startedAt: workspace.clock(),
  };
  run.events.emit("run.started", {
    runId,
    tasks: plan.tasks.map(({ dataset, reason }) => ({ dataset, reason })),
  });
  try {
    await retrying(() => begin(run), onceMore);
    const tasks = await runTasks(run);
    return await finish(run, tasks);
  } finally {
    await run.pins.drop().catch(() => undefined);
    await rm(join(workspace.project.stateDir, "spool", runId), { recursive: true, force: true });
  }
}

/** Everything here may be done twice. */
async function begin({ workspace, runId, startedAt, plan }: Run): Promise<void> {
  await recordRunStart(workspace, {
    runId,
    startedAt,
    selection: selectionOf(plan),
    tasks: plan.tasks.length,
  });
  await recover(workspace);
}

async function finish(run: Run, tasks: readonly TaskReport[]): Promise<RunReport> {
  const state: RunState = tasks.every((task) => task.state === "success" || task.state === "skipped")
    ? "success"
    : "failed";
  const durationMs = run.workspace.clock().getTime() - run.startedAt.getTime();
  const report: RunReport = {
    runId: run.runId,
    state,
    startedAt: run.startedAt.toISOString(),
    durationMs,
    tasks,
  };
  await retrying(() => recordRunEnd(run.workspace, report, selectionOf(run.plan)), onceMore);
  if (state === "failed") await removeUnpublishedRejects(run.workspace);
  run.events.emit("run.finished", { runId: run.runId, state, durationMs });
  return report;
}

/** Starts each task when all it depends on have ended, at most `concurrency` at a time, in plan order. */
async function runTasks(run: Run): Promise<readonly TaskReport[]> {
  const reports = new Map<string, TaskReport>();
  const waiting = [...run.plan.tasks];
  const running = new Map<string, Promise<void>>();
  while (waiting.length > 0 || running.size > 0) {
    const ready = waiting.filter((task) => task.dependsOn.every((name) => reports.has(name)));
    for (const task of ready.slice(0, run.workspace.project.concurrency - running.size)) {
      waiting.splice(waiting.indexOf(task), 1);
      const ended = runTask(run, task, reports).then((report) => {
        reports.set(task.dataset, report);
        running.delete(task.dataset);
      });
      running.set(task.dataset, ended);
    }
    await Promise.race(running.values());
  }
  return run.plan.tasks.flatMap((task) => reports.get(task.dataset) ?? []);
}

async function runTask(
  run: Run,
  planned: PlannedTask,
  reports: ReadonlyMap<string, TaskReport>,
): Promise<TaskReport> {
  const of = { runId: run.runId, taskId: run.workspace.newId(), startedAt: run.workspace.clock() };
  const report =
    withoutInput(run.events, planned, { runId: run.runId, reports }) ??
    (await attemptTask(run, planned, of.taskId));
  await recordTask(run.workspace, of, report);
  return report;
}

/** As a person would type it. */
function selectionOf({ options }: Plan): string {
  const interval =
    options.intervalStart === undefined
      ? []
      : ["--interval-start", options.intervalStart, "--interval-end", options.intervalEnd ?? ""];
  return [
    ...(options.select ?? []),
    ...(options.fullRefresh === true ? ["--full-refresh"] : []),
    ...interval,
  ].join(" ");
}

async function attemptTask(run: Run, planned: PlannedTask, taskId: string): Promise<TaskReport> {
  const started = run.workspace.clock().getTime();
  const { attempts, delayMs } = run.workspace.project.retries;
  for (let attempt = 1; ; attempt++) {
    setState(run, planned, "running", attempt);
    const engine = run.workspace.engine.url;
    const took = (): number => run.workspace.clock().getTime() - started;
    try {
      const outcome = await attemptOnce(run, planned, `${taskId}${attempt === 1 ? "" : `-${attempt}`}`);
      const { version, counts, failure, ...rest } = outcome;
      if (failure)
        return failed(run, planned, {
          attempt,
          error: failure,
          durationMs: took(),
          outcome,
        });
      if (version !== undefined)
        run.events.emit("task.published", { runId: run.runId, dataset: planned.dataset, version, counts });
      setState(run, planned, "success", attempt, outcome.reason);
      const published = version === undefined ? {} : { version };
      return {
        dataset: planned.dataset,
        layer: planned.layer,
        state: "success",
        attempt,
        durationMs: took(),
        counts,
        ...rest,
        ...published,
      };
    } catch (error) {
      const lostEngine = run.workspace.engine.url !== engine;
      if (attempt < attempts && (isRetryable(error) || lostEngine) && !run.signal.aborted) {
        setState(run, planned, "up_for_retry", attempt, messageOf(error));
        await sleep(delayMs * 2 ** (attempt - 1), undefined, { signal: run.signal }).catch(() => undefined);
        continue;
      }
      return failed(run, planned, { attempt, error, durationMs: took() });
    }
  }
}

async function attemptOnce(run: Run, planned: PlannedTask, taskId: string): Promise<TaskOutcome> {
  const { workspace, runId, events, signal, pins, plan } = run;
  const node = run.nodes.get(planned.dataset);
  if (node === undefined)
    throw new ShoplakeError("internal", `the plan names ${planned.dataset}, which the project does not have`);
  const spool = join(workspace.project.stateDir, "spool", runId, taskId);
  const { intervalStart, intervalEnd, fullRefresh, again } = plan.options;
  const task: TaskContext = {
    workspace,
    runId,
    taskId,
    dataset: planned.dataset,
    fullRefresh: fullRefresh === true,
    interval:
      intervalStart === undefined || intervalEnd === undefined
        ? undefined
        : { start: intervalStart, end: intervalEnd },
    again,
    pins,
    fence: async () => undefined,
    spool,
    signal,
    events,
  };
  await mkdir(spool, { recursive: true });
  return withLease(task, (lease) => performTask({ ...task, fence: () => lease.check() }, node));
}

function setState(
  run: Run,
  planned: PlannedTask,
  state: TaskReport["state"],
  attempt: number,
  message?: string,
): void {
  const event = { runId: run.runId, dataset: planned.dataset, state, attempt };
  run.events.emit("task.state", message === undefined ? event : { ...event, message });
}

interface Failure {
  readonly attempt: number;
  readonly error: unknown;
  readonly durationMs: number;
  /** When it came as far as its checks. */
  readonly outcome?: TaskOutcome;
}

function failed(run: Run, planned: PlannedTask, failure: Failure): TaskReport {
  const { dataset, layer } = planned;
  const { attempt, durationMs, error, outcome } = failure;
  const { action, reason } = outcome ?? planned;
  setState(run, planned, "failed", attempt, messageOf(error));
  return {
    dataset,
    layer,
    action,
    reason,
    state: "failed",
    attempt,
    durationMs,
    checks: outcome?.checks ?? [],
    counts: noCounts,
    ...(outcome === undefined ? {} : { staged: outcome.counts }),
    error: taskError(error),
  };
}

function taskError(error: unknown): TaskFailure {
  if (!(error instanceof ShoplakeError)) return { code: "internal", message: messageOf(error) };
  const { where, allowed, hint } = error.details;
  return {
    code: error.code,
    message: error.message,
    ...(where === undefined ? {} : { where }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(hint === undefined ? {} : { hint }),
  };
}
