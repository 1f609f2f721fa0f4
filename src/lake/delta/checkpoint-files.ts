/** What a state leaves in its checkpoint until somebody asks: the statistics of files, and which files were removed when. */
import type { AddFile } from "./actions.ts";
import { type CheckpointSource, readSettings, type Tags, withoutNulls } from "./read-checkpoint.ts";
import type { TableState } from "./state.ts";

/** Files and removed files of a checkpoint, with all that the next one keeps of them. */
export const filesStructure: string = [
  "add Tuple(path Nullable(String), partitionValues Map(String, Nullable(String)), size Nullable(Int64), modificationTime Nullable(Int64), stats Nullable(String), tags Map(String, Nullable(String)))",
  "remove Tuple(path Nullable(String), deletionTimestamp Nullable(Int64))",
].join(", ");

/** The add actions of all files of a state, by path. */
export async function addActionsOf(
  source: CheckpointSource,
  state: TableState,
): Promise<Map<string, AddFile>> {
  const adds = new Map<string, AddFile>();
  const files = state.files();
  const found = await rows<AddFile & { readonly tags: Tags }>(
    source,
    state,
    "add.path AS path, add.partitionValues AS partitionValues, add.size AS size, add.modificationTime AS modificationTime, false AS dataChange, add.stats AS stats, add.tags AS tags",
    "isNotNull(add.path)",
  );
  for (const add of found)
    if (files.has(add.path)) adds.set(add.path, { ...add, tags: withoutNulls(add.tags) });
  for (const [path, change] of state.since) if (typeof change !== "number") adds.set(path, change);
  return adds;
}

/** Removed files by path -> when, ms since 1970: vacuum keeps them until their retention is over. */
export async function removalsOf(source: CheckpointSource, state: TableState): Promise<Map<string, number>> {
  const removals = new Map<string, number>();
  const found = await rows<{ readonly path: string; readonly at: number }>(
    source,
    state,
    "remove.path AS path, ifNull(remove.deletionTimestamp, 0) AS at",
    "isNotNull(remove.path)",
  );
  for (const { path, at } of found) removals.set(path, at);
  for (const [path, change] of state.since)
    if (typeof change === "number") removals.set(path, change);
    else removals.delete(path);
  return removals;
}

async function rows<T>(
  { engine, store }: CheckpointSource,
  { checkpoint }: TableState,
  columns: string,
  where: string,
): Promise<T[]> {
  if (checkpoint === undefined) return [];
  const from = store.tableFunction(checkpoint.keys, "Parquet", filesStructure);
  return engine.rows<T>(`SELECT ${columns} FROM ${from} WHERE ${where}`, { settings: readSettings });
}
