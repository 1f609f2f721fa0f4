/** Runs a plan: independent tasks in parallel, each under its lease, with retries; a failed one stops what depends on it. */
import { rm } from "node:fs/promises";
import { inLane } from "../engine/lane.ts";
import type { Host, NamedTask, OpenProject, Plan, RunReport, TaskReport } from "../pipeline/index.ts";
import {
  openPins,
  type RunOwner,
  recordRunEnd,
  recordRunStart,
  recordTask,
  recordTaskState,
} from "../pipeline/index.ts";
import { RunEmitter, type RunState } from "../telemetry/events.ts";
import { isLostEngine } from "../util/errors.ts";
import { retrying } from "../util/retry.ts";
import { runSpool } from "../util/spool.ts";
import { attemptTask, type Run } from "./attempts.ts";
import { removeUnpublishedRejects } from "./dead-runs.ts";
import { newTaskId } from "./leases.ts";
import { withPublished } from "./published.ts";
import { recover } from "./recover.ts";
import { withoutInput } from "./without-input.ts";

export interface RunOptions {
  readonly events?: RunEmitter;
  readonly signal?: AbortSignal;
}

/** For what may be done twice, when the engine went away in the middle of it. */
const onceMore = { attempts: 3, again: isLostEngine };

/** Runs every task of the plan and reports each; throws only when the run itself cannot go on. */
export async function runPlan(
  { host, catalogue }: OpenProject,
  plan: Plan,
  options: RunOptions = {},
): Promise<RunReport> {
  const runId = host.newId();
  const run: Run = {
    host,
    catalogue,
    plan,
    runId,
    events: options.events ?? new RunEmitter(),
    signal: options.signal ?? new AbortController().signal,
    pins: openPins(host.engine, runId),
    nodes: new Map(catalogue.graph.map((node) => [node.dataset, node])),
    startedAt: host.clock(),
  };
  run.events.emit("run.started", {
    runId,
    tasks: plan.tasks.map(({ dataset, reason }) => ({ dataset, reason })),
  });
  try {
    await retrying(() => begin(run), onceMore);
    const tasks = await inLane("load", () => runTasks(run));
    return await finish(run, tasks);
  } finally {
    host.lake.recheck();
    await run.pins.drop().catch(() => undefined);
    await rm(runSpool(host.stateDir, host.engine.owner, runId), { recursive: true, force: true });
  }
}

/** Everything here may be done twice. */
async function begin({ host, catalogue, runId, startedAt, plan }: Run): Promise<void> {
  await recordRunStart(host, {
    ...ownerOf(host),
    runId,
    startedAt,
    selection: selectionOf(plan),
    tasks: plan.tasks.length,
  });
  await recover(host);
  const { runDays } = catalogue.project.retention;
  await host.state.retain(new Date(host.clock().getTime() - runDays * 86_400_000));
}

function ownerOf({ owner }: Host): RunOwner {
  return { host: owner.host, pid: owner.pid, owner: owner.id };
}

async function finish(run: Run, tasks: readonly TaskReport[]): Promise<RunReport> {
  const state: RunState = tasks.every((task) => task.state === "success" || task.state === "skipped")
    ? "success"
    : "failed";
  const durationMs = run.host.clock().getTime() - run.startedAt.getTime();
  const report: RunReport = {
    runId: run.runId,
    state,
    startedAt: run.startedAt.toISOString(),
    durationMs,
    tasks,
  };
  await retrying(() => end(run, report), onceMore);
  run.events.emit("run.finished", { runId: run.runId, state, durationMs });
  return report;
}

/** Everything here may be done twice. An attempt that failed may have staged rejects that nobody publishes. */
async function end({ host, plan }: Run, report: RunReport): Promise<void> {
  if (report.tasks.some((task) => task.state === "failed" || task.attempt > 1))
    await removeUnpublishedRejects(host, [report]);
  await recordRunEnd(host, report, { ...ownerOf(host), selection: selectionOf(plan) });
}

/** Starts each task when all it depends on have ended, at most `concurrency` at a time, in plan order. */
async function runTasks(run: Run): Promise<readonly TaskReport[]> {
  const reports = new Map<string, TaskReport>();
  const waiting = await queue(run);
  const running = new Map<string, Promise<void>>();
  while (waiting.length > 0 || running.size > 0) {
    const ready = waiting.filter(({ planned }) => planned.dependsOn.every((name) => reports.has(name)));
    for (const task of ready.slice(0, run.catalogue.project.concurrency - running.size)) {
      waiting.splice(waiting.indexOf(task), 1);
      const ended = runTask(run, task, reports).then((report) => {
        reports.set(report.dataset, report);
        running.delete(report.dataset);
      });
      running.set(task.planned.dataset, ended);
    }
    await Promise.race(running.values());
  }
  return run.plan.tasks.flatMap((task) => reports.get(task.dataset) ?? []);
}

/** A planned task that waits for its turn. */
interface QueuedTask extends NamedTask {
  readonly queuedAt: Date;
}

async function queue({ host, plan, runId }: Run): Promise<QueuedTask[]> {
  const at = host.clock();
  const tasks = plan.tasks.map((planned) => ({ planned, runId, taskId: newTaskId(host), queuedAt: at }));
  await recordTaskState(host, "queued", { queuedAt: at, startedAt: at }, ...tasks);
  return tasks;
}

async function runTask(
  run: Run,
  task: QueuedTask,
  reports: ReadonlyMap<string, TaskReport>,
): Promise<TaskReport> {
  const { planned, runId, taskId, queuedAt } = task;
  const of = { runId, taskId, queuedAt, startedAt: run.host.clock() };
  const idle = withoutInput(run.events, planned, { runId, reports });
  if (idle === undefined) await recordTaskState(run.host, "running", of, task);
  const report = idle ?? (await withPublished(run.host, runId, await attemptTask(run, planned, taskId)));
  await recordTask(run.host, of, report);
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
