/** May a change that was worked out from one version be committed after others were faster? */
import { ShoplakeError } from "../../util/errors.ts";
import type { AddFile } from "./actions.ts";
import { isAffected, removedFiles, type TableChange } from "./change.ts";
import type { Commit } from "./log.ts";
import type { TableState } from "./state.ts";

/**
 * Throws a retryable `conflict` when `winners` (the commits between the change's base and `head`) touched what the change
 * depends on:
 * - the same position (txn appId): the same input was delivered by someone else;
 * - a file that the change removes, unless a partition or the whole table is replaced and the winner only compacted it;
 * - new rows in a partition that the change replaces: they would be lost;
 * - the table's protocol, or its identity.
 * Appends never conflict with each other; an append does not conflict with a replacement. Changed columns are merged again
 * by the caller.
 */
export function checkConflicts(change: TableChange, winners: readonly Commit[], head: TableState): void {
  const base = change.base?.log;
  if (base === undefined) {
    checkCreation(change, head);
    return;
  }
  const fail = (version: number, what: string) => conflict(head, change, version, what);
  const mine = new Set(removedFiles(change.remove, base).map((file) => file.path));
  for (const { version, actions } of winners) {
    if (actions.protocol !== undefined) throw fail(version, "changed the table's protocol");
    if (actions.metadata !== undefined && actions.metadata.id !== base.metadata.id)
      throw fail(version, "replaced the table by another one");
    for (const { appId } of actions.transactions)
      if (change.positions?.[appId] !== undefined) throw fail(version, `moved the position ${appId}`);
    const compacted = isCompaction(actions.adds, actions.removes);
    if (change.remove === "none") continue;
    if (change.remove !== "all" && "files" in change.remove) {
      const taken = actions.removes.find((remove) => mine.has(remove.path));
      if (taken !== undefined) throw fail(version, `removed the file ${taken.path}`);
      continue;
    }
    if (compacted) continue;
    const { remove } = change;
    if (actions.adds.some((add) => isAffected(remove, add.partitionValues)))
      throw fail(version, "added rows to what this change replaces");
    if (actions.removes.some((action) => mine.has(action.path)))
      throw fail(version, "removed rows from what this change replaces");
  }
}

function isCompaction(
  adds: readonly AddFile[],
  removes: readonly { readonly dataChange: boolean }[],
): boolean {
  return adds.every((add) => !add.dataChange) && removes.every((remove) => !remove.dataChange);
}

/** Two created the table at once: the loser may append to it, but not claim that it was empty. */
function checkCreation(change: TableChange, head: TableState): void {
  if (change.remove !== "none") throw conflict(head, change, head.version, "created the table");
  for (const appId of Object.keys(change.positions ?? {}))
    if (head.positions.has(appId)) throw conflict(head, change, head.version, `set the position ${appId}`);
}

function conflict(head: TableState, change: TableChange, version: number, what: string): ShoplakeError {
  return new ShoplakeError("conflict", `another writer was faster: version ${version} ${what}`, {
    where: head.metadata.name ?? change.add?.dataset ?? "",
    hint: "nothing was changed; run again, it starts from the new version",
    retryable: true,
  });
}
