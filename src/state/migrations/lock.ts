/**
 * One process migrates at a time. The lock is a lease of the lake's store, because that exists already: it is atomic on disk
 * and on S3, a dead holder is noticed, and every process that shares the `ops` tables shares the lake too. The engine itself
 * has no lock that goes away with its holder.
 */
import { hostname } from "node:os";
import type { LakeStore } from "../../lake/store/store.ts";
import { acquireLease } from "../lease.ts";

/** Runs `work` while no other process does. */
export type Lock = <T>(work: () => Promise<T>) => Promise<T>;

/** How long one process waits for another that migrates, in milliseconds: longer than any migration takes. */
const patience = 600_000;

/** The lock of the state that belongs to a lake. Throws `locked` when another process holds it for ten minutes. */
export function migrationLock(store: LakeStore, clock: () => Date): Lock {
  return async (work) => {
    const owner = {
      pid: process.pid,
      host: hostname(),
      startedAt: clock().toISOString(),
      runId: "migration",
    };
    const lease = await acquireLease(store, "ops.migration", owner, { clock, wait: patience });
    try {
      return await work();
    } finally {
      await lease.release();
    }
  };
}
