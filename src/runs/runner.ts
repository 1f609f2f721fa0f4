/** Carries a plan out: a task begins when all it depends on have ended; a failed one stops what depends on it. */
import { rm } from "node:fs/promises";
import type { Plan } from "../api/plan.ts";
import type { RunReport, RunState, TaskReport } from "../api/runs.ts";
import { inLane } from "../engine/lane.ts";
import { type RunIdentity, recordRunEnd, recordRunStart } from "../pipeline/index.ts";
import { isLostEngine, messageOf } from "../util/errors.ts";
import { retrying } from "../util/retry.ts";
import { runSpool } from "../util/spool.ts";
import { announceEnd, announceQueued } from "./announce.ts";
import { attemptTask } from "./attempts.ts";
import { removeUnpublishedRejects } from "./dead-runs.ts";
import { withoutSystem } from "./down.ts";
import { recover } from "./recover.ts";
import { cancelled, failed } from "./reports.ts";
import { withoutInput } from "./without-input.ts";
import type { RunWork, TaskWork } from "./work.ts";

/** For what may be done twice, when the engine went away in the middle of it. */
const onceMore = { attempts: 3, again: isLostEngine };

/** How long the end of a run waits for who listens to its events, ms. */
const listenersPatience = 2_000;

/** Runs every task and reports each; throws only when the run itself cannot go on. */
export async function carryOut(run: RunWork): Promise<RunReport> {
  const { host, runId, events } = run;
  const tasks = run.tasks.map(({ taskId, planned: { dataset, layer, action, reason, dependsOn } }) => ({
    ...{ taskId, dataset, layer, action, reason, dependsOn },
  }));
  events.emit("run.started", { tasks });
  try {
    await begin(run);
    const report = reportOf(run, await inLane("load", () => runTasks(run)));
    await retrying(() => end(run, report), onceMore);
    await finished(run, report);
    return report;
  } catch (error) {
    const failure = { state: "failed", error: messageOf(error) } as const;
    await recordRunEnd(host, identityOf(run), failure).catch(() => undefined);
    await finished(run, { state: "failed", durationMs: elapsed(run) });
    throw error;
  } finally {
    host.lake.recheck();
    await run.pins.drop().catch(() => undefined);
    await rm(runSpool(host.stateDir, host.engine.owner, runId), { recursive: true, force: true });
  }
}

/** Everything here may be done twice. Of a run that was cancelled before, only its end is recorded. */
async function begin(run: RunWork): Promise<void> {
  const { host, signal } = run;
  if (signal.aborted) return;
  const start = async (): Promise<void> => {
    await host.owner.register();
    await recordRunStart(host, identityOf(run));
    await announceQueued(run);
  };
  await retrying(start, onceMore);
  if (!signal.aborted) await retrying(() => lookAfter(run), onceMore);
}

/** What runs of before left to do, and what of their history is old enough to go. */
async function lookAfter({ host, catalogue }: RunWork): Promise<void> {
  await recover(host);
  const { runDays } = catalogue.project.retention;
  await host.state.retain(new Date(host.clock().getTime() - runDays * 86_400_000));
}

/** Everything here may be done twice. An attempt that failed may have staged rejects that nobody publishes. */
async function end(run: RunWork, report: RunReport): Promise<void> {
  const { host } = run;
  if (report.tasks.some(({ state, attempt }) => state !== "success" || attempt > 1))
    await removeUnpublishedRejects(host, [report]);
  await recordRunEnd(host, identityOf(run), { state: report.state });
}

async function runTasks(run: RunWork): Promise<readonly TaskReport[]> {
  const ends = new Map<string, Promise<TaskReport>>();
  for (const task of run.tasks) {
    const { dataset, dependsOn } = task.planned;
    const inputs = Promise.all(dependsOn.flatMap((name) => ends.get(name) ?? []));
    ends.set(
      dataset,
      inputs.then((reports) => runTask(run, task, reports)),
    );
  }
  return Promise.all(ends.values());
}

async function runTask(run: RunWork, task: TaskWork, inputs: readonly TaskReport[]): Promise<TaskReport> {
  const report = await reportOfTask(run, task, inputs).catch((error: unknown) =>
    failed(task, error, { attempt: 0, durationMs: 0 }),
  );
  await announceEnd(run, task, report);
  return report;
}

async function reportOfTask(
  run: RunWork,
  task: TaskWork,
  inputs: readonly TaskReport[],
): Promise<TaskReport> {
  if (run.signal.aborted) return cancelled(task, run.signal.reason, { attempt: 0, durationMs: 0 });
  return withoutInput(task, inputs) ?? withoutSystem(run, task) ?? attemptTask(run, task);
}

function reportOf(run: RunWork, tasks: readonly TaskReport[]): RunReport {
  return {
    runId: run.runId,
    state: stateOf(tasks),
    startedAt: run.startedAt.toISOString(),
    durationMs: elapsed(run),
    tasks,
  };
}

/** A run whose tasks had all ended when it was cancelled is not. */
function stateOf(tasks: readonly TaskReport[]): RunState {
  if (tasks.some(({ state }) => state === "cancelled")) return "cancelled";
  return tasks.every(({ state }) => state === "success" || state === "skipped") ? "success" : "failed";
}

/** The last event, when those who listen have had their time. */
async function finished({ events }: RunWork, end: Pick<RunReport, "state" | "durationMs">): Promise<void> {
  await events.settled(listenersPatience);
  events.emit("run.finished", { state: end.state, durationMs: end.durationMs });
}

function elapsed({ host, startedAt }: RunWork): number {
  return host.clock().getTime() - startedAt.getTime();
}

function identityOf({ runId, startedAt, plan, tasks }: RunWork): RunIdentity {
  return { runId, startedAt, selection: selectionOf(plan), tasks: tasks.length };
}

/** As a person would type it, `run` aside. */
function selectionOf({ options }: Plan): string {
  const interval =
    options.intervalStart === undefined
      ? []
      : ["--interval-start", options.intervalStart, "--interval-end", options.intervalEnd ?? ""];
  return [
    ...(options.reload === true ? ["reload"] : []),
    ...(options.select ?? []),
    ...(options.fullRefresh === true ? ["--full-refresh"] : []),
    ...interval,
  ].join(" ");
}
