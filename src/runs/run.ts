/** A run as an object: it can be watched, asked, cancelled and waited for, from its start to long after its end. */
import type { RunReport } from "../api/runs.ts";
import type { DecidedPlan, OpenProject } from "../pipeline/index.ts";
import { openJournal, openPins } from "../pipeline/index.ts";
import { createBus, type RunBus } from "../telemetry/bus.ts";
import { follow, type RunView } from "../telemetry/run-view.ts";
import { ShoplakeError } from "../util/errors.ts";
import { checkPlan } from "./check-plan.ts";
import { newTaskId } from "./leases.ts";
import { carryOut } from "./runner.ts";

/** A run that was started. */
export interface Run {
  /** [a-z0-9] */
  readonly id: string;
  /** Who subscribes before the next turn of the event loop misses nothing. */
  readonly events: RunBus;
  /** What is known of it now: for who comes late. */
  view(): RunView;
  /** Stops it cleanly: what is published stays, nothing is half published. Again, or after its end: does nothing. */
  cancel(reason?: string): void;
  /** Its report. Rejects only when the run itself could not go on. */
  readonly done: Promise<RunReport>;
}

/** How a run is started. */
export interface RunOptions {
  /** Cancels the run when it is aborted. Default: only `cancel` does. */
  readonly signal?: AbortSignal | undefined;
  /** Where several runs share the slots of a process, greater goes first. Default 0. */
  readonly priority?: number;
}

/** Starts every task of the plan. Throws `usage` for a plan that cannot be carried out. */
export function startRun({ host, catalogue }: OpenProject, plan: DecidedPlan, options: RunOptions = {}): Run {
  checkPlan(plan);
  const id = host.newId();
  const cancellation = new AbortController();
  const events = createBus({ runId: id, clock: host.clock });
  const startedAt = host.clock();
  const { view } = follow(events, startedAt.getTime());
  const { signal = cancellation.signal, priority = 0 } = options;
  const tasks = plan.tasks.map((planned) => {
    const taskId = newTaskId(host);
    const journal = openJournal({ events, clock: host.clock, taskId, dataset: planned.dataset });
    return { planned, taskId, journal };
  });
  const work = {
    ...{ host, catalogue, plan, events, startedAt, priority, tasks },
    runId: id,
    signal: AbortSignal.any([signal, cancellation.signal]),
    pins: openPins(host.engine, id),
    down: new Map<string, string>(),
    nodes: new Map(catalogue.graph.map((node) => [node.dataset, node])),
  };
  const done = Promise.resolve().then(() => carryOut(work));
  // Who only watches the events does not have to wait for it.
  done.catch(() => undefined);
  return {
    id,
    events,
    view,
    done,
    cancel: (reason = "the run was cancelled") =>
      cancellation.abort(new ShoplakeError("interrupted", reason)),
  };
}

/** The report of a run that nobody watches. */
export async function runPlan(
  project: OpenProject,
  plan: DecidedPlan,
  options: RunOptions = {},
): Promise<RunReport> {
  return startRun(project, plan, options).done;
}
