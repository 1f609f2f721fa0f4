/** Attempts of one task, each in a slot and under the dataset's lease: what may succeed when it is done again is done again. */
import { join } from "node:path";
import type { TaskReport } from "../api/runs.ts";
import { wasLost } from "../engine/instance.ts";
import { intervalOf, performTask, type TaskContext, type TaskOutcome } from "../pipeline/index.ts";
import { isRetryable, isUnreachable, ShoplakeError } from "../util/errors.ts";
import { makePrivateFolder } from "../util/private-files.ts";
import { runSpool } from "../util/spool.ts";
import { pause } from "../util/wait.ts";
import { announceRetry, announceRunning } from "./announce.ts";
import { unreachableReport } from "./down.ts";
import { leaseRequest, withLease } from "./leases.ts";
import { cancelled, failed, succeeded } from "./reports.ts";
import type { RunWork, TaskWork } from "./work.ts";

/** Attempts that may be lost with an engine that was killed; they count for themselves, not among the project's retries. */
const mostLostEngines = 3;

/** The report of a planned task after its last attempt; never throws for what went wrong in it. */
export async function attemptTask(run: RunWork, task: TaskWork): Promise<TaskReport> {
  const { host, signal } = run;
  const { journal } = task;
  const { attempts, delayMs } = run.catalogue.project.retries;
  let startedAt: Date | undefined;
  const begin = async (attempt: number): Promise<void> => {
    startedAt ??= host.clock();
    await announceRunning(run, task, { attempt, startedAt });
  };
  const effort = (attempt: number) => {
    const now = host.clock();
    return {
      attempt: startedAt === undefined ? 0 : attempt,
      durationMs: now.getTime() - (startedAt ?? now).getTime(),
    };
  };
  let lostEngines = 0;
  for (let attempt = 1; ; attempt++) {
    const engine = await host.engine.instance().catch(() => "");
    const before = journal.totals().counts;
    try {
      const outcome = await attemptOnce(run, task, { attempt, begin });
      const { failure } = outcome;
      if (failure) return failed(task, failure, { ...effort(attempt), outcome });
      return succeeded(task, outcome, { ...effort(attempt), before });
    } catch (error) {
      if (signal.aborted) return cancelled(task, interruption(error) ?? signal.reason, effort(attempt));
      const lost = await wasLost(host.engine, engine);
      if (lost) lostEngines++;
      const mayTryAgain = lost ? lostEngines <= mostLostEngines : isRetryable(error);
      if (isUnreachable(error)) return unreachableReport(run, task, error, { ...effort(attempt), attempt });
      if (attempt - lostEngines >= attempts || !mayTryAgain)
        return failed(task, error, { ...effort(attempt), attempt });
      await announceRetry(run, task, { attempt, startedAt: startedAt ?? host.clock(), error });
    } finally {
      journal.rest();
    }
    const wait = { name: `the next attempt of ${task.planned.dataset}`, signal };
    await pause(delayMs * 2 ** (attempt - 1), wait).catch(() => undefined);
    if (signal.aborted) return cancelled(task, signal.reason, effort(attempt));
  }
}

/** What a wait says that was interrupted: it names what it waited for. */
function interruption(error: unknown): ShoplakeError | undefined {
  return error instanceof ShoplakeError && error.code === "interrupted" ? error : undefined;
}

interface Try {
  readonly attempt: number;
  /** To be called when the work begins. */
  begin(attempt: number): Promise<void>;
}

/** Whoever waits for a lease makes room for others; it works when it has both, the lease and a slot. */
async function attemptOnce(run: RunWork, task: TaskWork, { attempt, begin }: Try): Promise<TaskOutcome> {
  const { host, runId, priority, signal } = run;
  const slot = host.slots.slot({ of: runId, priority, signal });
  const context = contextOf(run, task, attempt);
  try {
    await slot.enter();
    return await withLease({ ...leaseRequest(context), onWait: slot.leave }, async (lease) => {
      await slot.enter();
      await begin(attempt);
      await makePrivateFolder(context.spool);
      const fence = async (): Promise<void> => {
        signal.throwIfAborted();
        await lease.check();
      };
      const catalogue = await run.catalogue.refresh();
      return performTask({ ...context, catalogue, fence }, nodeOf(run, task));
    });
  } finally {
    slot.leave();
  }
}

function contextOf(run: RunWork, { planned, taskId, journal }: TaskWork, attempt: number): TaskContext {
  const { host, catalogue, runId, pins, signal, plan } = run;
  const { fullRefresh = false, again, reload } = plan.options;
  const id = `${taskId}${attempt === 1 ? "" : `-${attempt}`}`;
  return {
    ...{ host, catalogue, runId, pins, signal, journal, fullRefresh, again, reload },
    taskId: id,
    dataset: planned.dataset,
    made: planned.made,
    interval: intervalOf(plan.options),
    fence: async () => undefined,
    spool: join(runSpool(host.stateDir, host.engine.owner, runId), id),
  };
}

function nodeOf({ nodes }: RunWork, { planned: { dataset } }: TaskWork) {
  const node = nodes.get(dataset);
  if (node !== undefined) return node;
  throw new ShoplakeError("internal", `the plan names ${dataset}, which the project does not have`, {
    where: dataset,
    hint: "Plan and run with the same catalogue.",
  });
}
