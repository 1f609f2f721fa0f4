/** Which files a table gained and lost between two versions. */

import { decodePath } from "../partition.ts";
import type { RemoveFile } from "./actions.ts";
import { versionIdOf } from "./commit-name.ts";
import { type Commit, type LogSource, readCommit } from "./log.ts";
import { type DataFile, dataFile, type TableState } from "./state.ts";

/** The difference between two versions in files, not in rows. */
export interface Changes {
  /** Files whose rows came in. Rewritten files (compaction) do not count. */
  readonly added: readonly DataFile[];
  /** Files whose rows went away. */
  readonly removed: readonly DataFile[];
  /** True when no row went away. */
  readonly appendOnly: boolean;
}

/** Commits `from + 1` to `to`; undefined when one of them was cleaned away. */
export async function commitsBetween(
  source: LogSource,
  from: number,
  to: number,
): Promise<Commit[] | undefined> {
  const versions = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + 1 + i);
  const commits: Commit[] = [];
  for (let i = 0; i < versions.length; i += 32) {
    const some = await Promise.all(versions.slice(i, i + 32).map((version) => readCommit(source, version)));
    for (const commit of some) {
      if (commit === undefined) return undefined;
      commits.push(commit);
    }
  }
  return commits;
}

/** Two versions of a table, the later one not older than the other. */
export interface Range {
  /** Number of the version that is known already. */
  readonly from: number;
  /** Number of the version to look up to. */
  readonly to: number;
  /** Whether the version `from` with this `Snapshot.id` is the one that is meant. Default: its number is enough. */
  readonly isBase?: ((id: string) => boolean) | undefined;
}

/**
 * Rows at `to` = rows at `from` + rows of `added` - rows of `removed` (as multisets). Undefined: cannot be told any more,
 * because the log or a data file is gone, or because `from` is another version than the one that is meant; then everything counts
 * as changed.
 */
export async function changesBetween(
  source: LogSource,
  range: Range,
  head: TableState,
): Promise<Changes | undefined> {
  const { from, to, isBase } = range;
  if (from > to) return undefined;
  const [commits, base] = await Promise.all([
    commitsBetween(source, from, to),
    isBase === undefined ? undefined : nameAt(source, from, head),
  ]);
  if (commits === undefined || commits.some((commit) => isOtherTable(commit, head))) return undefined;
  if (isBase !== undefined && (base === undefined || !isBase(versionIdOf(head.metadata, base, from))))
    return undefined;
  const added = new Map<string, DataFile>();
  const removed = new Map<string, DataFile>();
  const known = new Map<string, DataFile>();
  let appendOnly = true;
  for (const { actions } of commits) {
    for (const remove of actions.removes) {
      if (!remove.dataChange) continue;
      appendOnly = false;
      if (!added.delete(remove.path)) removed.set(remove.path, known.get(remove.path) ?? removedFile(remove));
    }
    for (const add of actions.adds) {
      const file = dataFile(add);
      known.set(add.path, file);
      if (add.dataChange && !removed.delete(add.path)) added.set(add.path, file);
    }
  }
  const gone = [...added.keys(), ...removed.keys()].filter((path) => !head.files().has(path));
  return (await allExist(source, gone))
    ? { added: [...added.values()], removed: [...removed.values()], appendOnly }
    : undefined;
}

/** The name of the commit of a version; undefined when its file is gone. */
async function nameAt(source: LogSource, version: number, head: TableState): Promise<number | undefined> {
  if (version === head.version) return head.commitName;
  return (await readCommit(source, version))?.actions.name;
}

/** True when what was there before the commit was a table of another id than the one of `head`. */
function isOtherTable({ actions }: Commit, { metadata }: TableState): boolean {
  return actions.metadata !== undefined && actions.metadata.id !== metadata.id;
}

/** What a remove action tells about its file. */
function removedFile(remove: RemoveFile): DataFile {
  return {
    path: remove.path,
    size: remove.size ?? 0,
    rows: undefined,
    partition: remove.partitionValues ?? {},
    tags: {},
    deletionVector: false,
  };
}

/** Files of the current version exist anyway; only removed ones need a look. */
async function allExist({ store, folder }: LogSource, paths: readonly string[]): Promise<boolean> {
  if (paths.length === 0) return true;
  const missing = new Set(paths.map((path) => `${folder}/${decodePath(path)}`));
  for await (const key of store.keys(`${folder}/`)) missing.delete(key);
  return missing.size === 0;
}
