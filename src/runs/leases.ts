/** One writer per dataset: a task works under its dataset's lease, waits for another holder, and cleans up after a dead one. */

import type { TaskContext } from "../pipeline/index.ts";
import { warn } from "../pipeline/index.ts";
import { acquireLease, type Lease, type LeaseOwner, leaseHolder } from "../state/lease.ts";
import { ShoplakeError } from "../util/errors.ts";
import { cleanDataset } from "./clean.ts";

/** How long a task waits for another run that works on the same dataset, ms. */
const patience = 600_000;

/** Runs `work` as the only writer of the task's dataset. Throws `locked`, naming the other process, when waiting did not help. */
export async function withLease<T>(task: TaskContext, work: (lease: Lease) => Promise<T>): Promise<T> {
  const { pid, host, startedAt } = task.host.owner;
  const owner: LeaseOwner = {
    pid,
    host,
    startedAt: startedAt.toISOString(),
    runId: task.runId,
  };
  const lease = await take(task, owner);
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

async function take(task: TaskContext, owner: LeaseOwner): Promise<Lease> {
  const { lake, warehouse, clock } = task.host;
  try {
    return await acquireLease(lake.store, task.dataset, owner, { clock });
  } catch (error) {
    if (!(error instanceof ShoplakeError) || error.code !== "locked") throw error;
    const holder = await leaseHolder(lake.store, task.dataset, { clock });
    const other = holder ? `pid ${holder.pid} on ${holder.host}, started ${holder.startedAt}` : "another run";
    warn(task, `waiting for ${other}, which is working on ${task.dataset}`);
    const lease = await acquireLease(lake.store, task.dataset, owner, { clock, wait: patience });
    await warehouse.versions();
    return lease;
  }
}
