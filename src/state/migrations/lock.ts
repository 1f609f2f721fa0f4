/**
 * One process migrates at a time. The lock is a lease of the lake's store, because that exists already: it is atomic on disk
 * and on S3, a dead holder is noticed, and every process that shares the `ops` tables shares the lake too. The engine itself
 * has no lock that goes away with its holder.
 */
import { acquireLease } from "../lease.ts";
import type { Owner } from "../owners.ts";

/** Runs `work` while no other process does. */
export type Lock = <T>(work: () => Promise<T>) => Promise<T>;

/** How long one process waits for another that migrates, in milliseconds: longer than any migration takes. */
const patience = 600_000;

/** The lock of the state that belongs to the owner's lake. Throws `locked` when another process holds it for ten minutes. */
export function migrationLock(owner: Owner): Lock {
  return async (work) => {
    const lease = await acquireLease(owner, "ops.migration", {
      mode: "rewrite",
      purpose: "migration of the state",
      wait: patience,
    });
    try {
      return await work();
    } finally {
      await lease.release();
    }
  };
}
