/**
 * Files and pipes that tasks use on their way: `<state>/spool/<owner>/<run>/<task>`. They hold rows of customers, unpacked.
 * A run removes its own; those of an owner that was killed are found by the owner's id in the path.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Folder of all that one owner spools, also outside a run: while a source is asked for its tables. `owner`: [a-z0-9]+. */
export function ownerSpool(stateDir: string, owner: string): string {
  return join(stateDir, "spool", owner);
}

/** Folder of one run's spool. `runId`: [a-z0-9]+. */
export function runSpool(stateDir: string, owner: string, runId: string): string {
  return join(ownerSpool(stateDir, owner), runId);
}

/**
 * Removes the spool of owners that are not alive, and what else lies there: files, and folders of earlier versions, which
 * bear no owner's name. One that cannot be removed does not stop the others: the next sweep tries again.
 * Returns the names of the folders that were removed.
 */
export async function sweepSpool(
  stateDir: string,
  isAlive: (ownerId: string) => boolean | Promise<boolean>,
): Promise<readonly string[]> {
  const folder = join(stateDir, "spool");
  const removed: string[] = [];
  for (const owner of await readdir(folder).catch(() => [])) {
    if (await isAlive(owner)) continue;
    const gone = await rm(join(folder, owner), { recursive: true, force: true }).then(
      () => true,
      () => false,
    );
    if (gone) removed.push(owner);
  }
  return removed;
}
