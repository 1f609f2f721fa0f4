/**
 * The name of a commit. A version number comes back with other rows when a lake is restored from a backup, when its newest commit
 * is lost, or when a table is made anew; the name does not.
 *
 * Our commits carry it as two Delta `txn` entries: a number that is their own, and the version it belongs to. Such entries survive
 * checkpoints and the clean-up of the log (`commitInfo` does not). A commit of another program is named by the hash of its file; our
 * next checkpoint keeps that name. A checkpoint of another program over a commit of another program keeps none: then the file
 * of the commit is read once more, and when it is gone as well, the version has no name and only its number is left.
 */
import { hash52 } from "../../util/hash52.ts";
import type { Metadata, Transaction } from "./actions.ts";

const nameEntry = "shoplake:commit";
const versionEntry = "shoplake:commit_version";

/** A commit of ours: its name follows from its transaction id, which no other commit has. */
export function nameOfOurs(txnId: string): number {
  return hash52(txnId);
}

/** The entries that say: version `version` is the commit `name`. */
export function nameEntries(name: number, version: number): readonly Transaction[] {
  return [
    { appId: nameEntry, version: name },
    { appId: versionEntry, version },
  ];
}

/** True for an entry that names a commit and is no position of anybody. */
export function isNameEntry(appId: string): boolean {
  return appId === nameEntry || appId === versionEntry;
}

/** The name of a commit from the lines of its file; `bytes` are the whole file. */
export function nameOfCommit(transactions: readonly Transaction[], bytes: Uint8Array): number {
  return transactions.find(({ appId }) => appId === nameEntry)?.version ?? hash52(bytes);
}

/** The name of version `version` from all entries of a checkpoint; undefined when they belong to an older version, or to none. */
export function nameInEntries(entries: ReadonlyMap<string, number>, version: number): number | undefined {
  return entries.get(versionEntry) === version ? entries.get(nameEntry) : undefined;
}

/** One text for one version of one table: "<id of the table>/<name of the commit>@<number>". */
export function versionIdOf({ id }: Metadata, name: number | undefined, version: number): string {
  return `${id}/${name === undefined ? "unnamed" : name.toString(16).padStart(13, "0")}@${version}`;
}
