/** One writer per dataset: a task works under its dataset's lease, waits for another holder, and cleans up after a dead one. */

import type { TaskContext } from "../pipeline/index.ts";
import { warn } from "../pipeline/index.ts";
import { acquireLease, type Lease, type LeaseOwner, leaseHolder } from "../state/lease.ts";
import { ShoplakeError } from "../util/errors.ts";
import { waitOrAbort } from "../util/wait.ts";
import { cleanDataset } from "./clean.ts";

/** How long a task waits for another run that works on the same dataset, ms. */
const patience = 600_000;

/**
 * Runs `work` as the only writer of the task's dataset; `onWait` is told when another one has to be waited for. Throws `locked`,
 * naming the other process, when waiting did not help, and the signal's reason when it is aborted while waiting.
 */
export async function withLease<T>(
  task: TaskContext,
  work: (lease: Lease) => Promise<T>,
  onWait: () => void = () => undefined,
): Promise<T> {
  const { pid, host, startedAt } = task.host.owner;
  const owner: LeaseOwner = {
    pid,
    host,
    startedAt: startedAt.toISOString(),
    runId: task.runId,
  };
  const lease = await take(task, owner, onWait);
  let failed = true;
  try {
    if (lease.takenOver) await cleanDataset(task);
    const result = await work(lease);
    failed = false;
    return result;
  } finally {
    await lease.release(failed);
  }
}

async function take(task: TaskContext, owner: LeaseOwner, onWait: () => void): Promise<Lease> {
  const { lake, warehouse, clock } = task.host;
  try {
    return await acquireLease(lake.store, task.dataset, owner, { clock });
  } catch (error) {
    if (!(error instanceof ShoplakeError) || error.code !== "locked") throw error;
    const holder = await leaseHolder(lake.store, task.dataset, { clock });
    const other = holder ? `pid ${holder.pid} on ${holder.host}, started ${holder.startedAt}` : "another run";
    warn(task, `waiting for ${other}, which is working on ${task.dataset}`);
    onWait();
    const lease = await waitFor(
      task,
      acquireLease(lake.store, task.dataset, owner, { clock, wait: patience }),
    );
    await warehouse.versions();
    return lease;
  }
}

/** A lease that comes after the waiting has ended is given back. */
async function waitFor({ dataset, signal }: TaskContext, lease: Promise<Lease>): Promise<Lease> {
  const name = `the lease of ${dataset}`;
  try {
    return await waitOrAbort(lease, { name, signal, timeoutMs: 2 * patience });
  } catch (error) {
    lease.then((late) => late.release()).catch(() => undefined);
    throw error;
  }
}
