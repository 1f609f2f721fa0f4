/** Attempts of one task, each under the dataset's lease: what may succeed when it is done again is done again. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { wasLost } from "../engine/instance.ts";
import type { Catalogue, GraphNode, Host, Pins, TaskContext, TaskOutcome } from "../pipeline/index.ts";
import {
  intervalOf,
  noCounts,
  type Plan,
  type PlannedTask,
  performTask,
  type TaskReport,
} from "../pipeline/index.ts";
import type { RunEmitter } from "../telemetry/events.ts";
import { isRetryable, messageOf, plainError, ShoplakeError } from "../util/errors.ts";
import { makePrivateFolder } from "../util/private-files.ts";
import { runSpool } from "../util/spool.ts";
import { leaseRequest, withLease } from "./leases.ts";

/** Attempts that may be lost with an engine that was killed; they count for themselves, not among the project's retries. */
const mostLostEngines = 3;

/** A plan while it is carried out. */
export interface Run {
  readonly host: Host;
  /** As the run began with it. */
  readonly catalogue: Catalogue;
  readonly plan: Plan;
  readonly runId: string;
  readonly events: RunEmitter;
  readonly signal: AbortSignal;
  readonly pins: Pins;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly startedAt: Date;
}

/** The report of a planned task after its last attempt; never throws for what went wrong in it. */
export async function attemptTask(run: Run, planned: PlannedTask, taskId: string): Promise<TaskReport> {
  const { host, catalogue, signal } = run;
  const started = host.clock().getTime();
  const took = (): number => host.clock().getTime() - started;
  const { attempts, delayMs } = catalogue.project.retries;
  let lostEngines = 0;
  for (let attempt = 1; ; attempt++) {
    setState(run, planned, "running", attempt);
    const engine = await host.engine.instance().catch(() => "");
    try {
      const id = `${taskId}${attempt === 1 ? "" : `-${attempt}`}`;
      const outcome = await attemptOnce(run, planned, id);
      const { failure: error } = outcome;
      if (error) return failed(run, planned, { attempt, error, durationMs: took(), outcome });
      return succeeded(run, planned, { attempt, durationMs: took(), outcome });
    } catch (error) {
      const lost = await wasLost(host.engine, engine);
      if (lost) lostEngines++;
      const mayTryAgain = lost ? lostEngines <= mostLostEngines : isRetryable(error);
      if (attempt - lostEngines >= attempts || !mayTryAgain || signal.aborted)
        return failed(run, planned, { attempt, error, durationMs: took() });
      setState(run, planned, "up_for_retry", attempt, messageOf(error));
      await sleep(delayMs * 2 ** (attempt - 1), undefined, { signal }).catch(() => undefined);
    }
  }
}

async function attemptOnce(run: Run, planned: PlannedTask, taskId: string): Promise<TaskOutcome> {
  const { host, runId, events, signal, pins, plan } = run;
  const node = run.nodes.get(planned.dataset);
  if (node === undefined)
    throw new ShoplakeError("internal", `the plan names ${planned.dataset}, which the project does not have`);
  const spool = join(runSpool(host.stateDir, host.engine.owner, runId), taskId);
  const { fullRefresh, again } = plan.options;
  const task: TaskContext = {
    host,
    catalogue: await run.catalogue.refresh(),
    runId,
    taskId,
    dataset: planned.dataset,
    fullRefresh: fullRefresh === true,
    interval: intervalOf(plan.options),
    again,
    pins,
    fence: async () => undefined,
    spool,
    signal,
    events,
    stepMs: new Map(),
  };
  await makePrivateFolder(spool);
  return withLease(leaseRequest(task), (lease) => performTask({ ...task, fence: () => lease.check() }, node));
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

interface Success {
  readonly attempt: number;
  readonly durationMs: number;
  readonly outcome: TaskOutcome;
}

function succeeded(run: Run, planned: PlannedTask, { attempt, durationMs, outcome }: Success): TaskReport {
  const { dataset, layer } = planned;
  const { version, counts, failure: _, ...rest } = outcome;
  if (version !== undefined)
    run.events.emit("task.published", { runId: run.runId, dataset, version, counts });
  setState(run, planned, "success", attempt, outcome.reason);
  const published = version === undefined ? {} : { version };
  return { dataset, layer, state: "success", attempt, durationMs, counts, ...rest, ...published };
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
    error: plainError(error),
  };
}
