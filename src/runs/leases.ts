/**
 * Every writer of a dataset works under its lease: tasks of runs, maintenance, replays. It waits for others, cleans up after a
 * dead one, and releases the lease whatever happens.
 */
import type { Lake } from "../lake/lake.ts";
import { type Host, type TaskContext, warn } from "../pipeline/index.ts";
import { acquireLease, type Lease, type LeaseMode } from "../state/lease.ts";
import { type Owner, taskIdOf } from "../state/owners.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import { cleanDataset } from "./clean.ts";

/** How long a task waits for another writer of the same dataset, ms. */
const patience = 600_000;

/** Who wants to write which dataset. */
export interface LeaseRequest {
  /** "silver.orders", or "<sink>:<dataset>" for a delivery. */
  readonly dataset: string;
  /** `rewrite`: alone. `append`: with others, for one commit whose position is checked by the commit itself. */
  readonly mode: LeaseMode;
  /** What it is for, shown to who waits: "run 4f2c", "maintain". */
  readonly purpose: string;
  /** In whose name it is held: the owner of this process. */
  readonly owner: Owner;
  /** Its store keeps the leases; files that a dead writer staged there are removed. */
  readonly lake: Lake;
  /** Tables that a dead writer staged there are removed. */
  readonly warehouse: Warehouse;
  /** Ends the waiting at once. */
  readonly signal: AbortSignal;
  /** Told what is being waited for, and what was cleaned up. */
  readonly warn: (message: string) => void;
  /** How long to wait for others, ms. Default 600,000. */
  readonly wait?: number;
  /** Told once when somebody else has to be waited for. Default: nobody. */
  readonly onWait?: () => void;
}

/** The lease that a task of a run works under. */
export function leaseRequest(task: TaskContext): LeaseRequest {
  const { dataset, runId, signal, host } = task;
  return {
    ...{ dataset, signal, mode: "rewrite", purpose: `run ${runId}` },
    ...placesOf(host),
    warn: (message) => warn(task, message),
  };
}

/** What a lease needs of a project that is open. */
export function placesOf(host: Host): Pick<LeaseRequest, "owner" | "lake" | "warehouse"> {
  const { owner, lake, warehouse } = host;
  return { owner, lake, warehouse };
}

/** The id of a new task: what it stages names this process, so that whoever finds it can ask whether that lives. */
export function newTaskId({ owner, newId }: Pick<Host, "owner" | "newId">): string {
  return taskIdOf(owner.id, newId());
}

/**
 * Runs `work` under the lease; it calls `lease.check()` right before it publishes. Throws `locked`, naming the other process,
 * when waiting did not help, and `interrupted` when the signal was aborted.
 */
export async function withLease<T>(request: LeaseRequest, work: (lease: Lease) => Promise<T>): Promise<T> {
  const lease = await take(request);
  let failed = true;
  try {
    if (lease.takenOver) await cleanDataset(request);
    const result = await work(lease);
    failed = false;
    return result;
  } finally {
    await lease.release(failed);
  }
}

async function take(request: LeaseRequest): Promise<Lease> {
  const { owner, dataset, mode, purpose, signal, wait = patience } = request;
  let waited = false;
  const onWait = (what: string): void => {
    if (!waited) request.onWait?.();
    waited = true;
    request.warn(`waiting for ${what}`);
  };
  const lease = await acquireLease(owner, dataset, { mode, purpose, signal, wait, onWait });
  if (waited) await request.warehouse.versions();
  return lease;
}
