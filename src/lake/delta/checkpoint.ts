/**
 * Writes checkpoints: the state of a table at one version as a Parquet file, so that opening needs only the commits after
 * it. A new one is made by the engine from the one before and what the commits since did. Classic single-file format.
 */
import { randomUUID } from "node:crypto";
import type { Engine } from "../../engine/engine.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { LakeStore } from "../store/store.ts";
import { type Protocol, padVersion, type Transaction } from "./actions.ts";
import { filesStructure } from "./checkpoint-files.ts";
import { nameEntries } from "./commit-name.ts";
import { openStructure, rowsSql } from "./read-checkpoint.ts";
import type { Checkpoint, TableState } from "./state.ts";

const addType =
  "Nullable(Tuple(path String, partitionValues Map(String, Nullable(String)), size Int64, modificationTime Int64, dataChange Bool, stats Nullable(String), tags Map(String, Nullable(String))))";
const removeType = "Nullable(Tuple(path String, deletionTimestamp Nullable(Int64), dataChange Bool))";

/** Feature lists are written where the protocol asks for them; below, the columns make readers fail. */
function writtenStructure({ minReaderVersion, minWriterVersion }: Protocol): string {
  const reader = minReaderVersion >= 3 ? ", readerFeatures Array(String)" : "";
  const writer = minWriterVersion >= 7 ? ", writerFeatures Array(String)" : "";
  return [
    "txn Nullable(Tuple(appId String, version Int64, lastUpdated Nullable(Int64)))",
    `add ${addType}`,
    `remove ${removeType}`,
    "metaData Nullable(Tuple(id String, name Nullable(String), description Nullable(String), format Tuple(provider String, options Map(String, String)), schemaString String, partitionColumns Array(String), configuration Map(String, String), createdTime Nullable(Int64)))",
    `protocol Nullable(Tuple(minReaderVersion Int32, minWriterVersion Int32${reader}${writer}))`,
  ].join(", ");
}

/** Below the dataset's folder; the name of a classic checkpoint in one file. */
export function checkpointKey(folder: string, version: number): string {
  return `${folder}/_delta_log/${padVersion(version)}.checkpoint.parquet`;
}

interface Target {
  readonly folder: string;
  readonly state: TableState;
  /** Files removed before, ms since 1970, are forgotten: no version needs them any more. */
  readonly keepRemovedSince: number;
}

/**
 * Writes the checkpoint of a state and points `_last_checkpoint` at it. Written under a temporary name, read back, and only
 * then published: a torn checkpoint makes a table unreadable everywhere.
 */
export async function writeCheckpoint(engine: Engine, store: LakeStore, target: Target): Promise<Checkpoint> {
  const { folder, state } = target;
  const temporary = `${folder}/_delta_log/.${randomUUID()}.tmp`;
  const [news, whole] = [`${temporary}.json`, `${temporary}.parquet`];
  try {
    await store.replace(news, newLines(state));
    await engine.command(mergeSql(store, target, { news, whole }), {
      settings: { allow_experimental_nullable_tuple_type: 1, use_hive_partitioning: 0 },
    });
    const size = await checkWritten(engine, store, whole, state);
    const bytes = await store.read(whole);
    if (bytes === undefined) throw new ShoplakeError("lake", "a checkpoint vanished", { where: whole });
    const key = checkpointKey(folder, state.version);
    await store.create(key, bytes);
    const pointer = { version: state.version, size, sizeInBytes: bytes.length };
    await store.replace(`${folder}/_delta_log/_last_checkpoint`, Buffer.from(JSON.stringify(pointer)));
    return { version: state.version, keys: [key] };
  } finally {
    await store.remove(news);
    await store.remove(whole);
  }
}

/** What the checkpoint before does not say, as lines of actions. */
function newLines(state: TableState): Buffer {
  const lines: object[] = [{ protocol: state.protocol }, { metaData: state.metadata }];
  for (const { appId, version } of entriesOf(state)) lines.push({ txn: { appId, version } });
  for (const [path, change] of state.since) {
    if (typeof change !== "number")
      lines.push({ add: { ...change, tags: change.tags ?? {}, dataChange: false } });
    else lines.push({ remove: { path, deletionTimestamp: change, dataChange: false } });
  }
  return Buffer.from(lines.map((line) => JSON.stringify(line)).join("\n"));
}

/** All Delta txn entries: positions, and the name of the commit. */
function entriesOf({ positions, commitName, version }: TableState): readonly Transaction[] {
  const moved = [...positions].map(([appId, position]) => ({ appId, version: position }));
  return commitName === undefined ? moved : [...moved, ...nameEntries(commitName, version)];
}

/** The new lines, and the files of the checkpoint before that no new line names. */
function mergeSql(
  store: LakeStore,
  { state, keepRemovedSince }: Target,
  keys: { readonly news: string; readonly whole: string },
): string {
  const structure = writtenStructure(state.protocol);
  const news = store.tableFunction([keys.news], "JSONEachRow", structure);
  const selects = [
    `SELECT * FROM ${news} WHERE isNull(remove.path) OR remove.deletionTimestamp >= ${keepRemovedSince}`,
  ];
  if (state.checkpoint !== undefined)
    selects.push(
      `SELECT NULL,
         if(isNull(add.path), NULL, CAST((assumeNotNull(add.path), add.partitionValues, assumeNotNull(add.size), assumeNotNull(add.modificationTime), false, add.stats, add.tags) AS ${addType})),
         if(isNull(remove.path), NULL, CAST((assumeNotNull(remove.path), remove.deletionTimestamp, false) AS ${removeType})),
         NULL, NULL
       FROM ${store.tableFunction(state.checkpoint.keys, "Parquet", filesStructure)}
       WHERE (isNotNull(add.path) OR remove.deletionTimestamp >= ${keepRemovedSince})
         AND ifNull(add.path, remove.path) NOT IN (SELECT ifNull(add.path, remove.path) FROM ${news} WHERE isNotNull(add) OR isNotNull(remove))`,
    );
  const into = store.tableFunction([keys.whole], "Parquet", structure);
  return `INSERT INTO FUNCTION ${into} ${selects.join("\nUNION ALL\n")}`;
}

/** The number of actions. A torn or short checkpoint would lose files without an error. */
async function checkWritten(
  engine: Engine,
  store: LakeStore,
  key: string,
  state: TableState,
): Promise<number> {
  const [found] = await engine.rows<
    Record<"actions" | "files" | "bytes" | "rows" | "positions", string | null>
  >(
    `SELECT count() AS actions, uniqExact(add.path) AS files, sum(add.size) AS bytes, sum(${rowsSql}) AS rows, uniqExact(txn.appId) AS positions
     FROM ${store.tableFunction([key], "Parquet", openStructure)}`,
    { settings: { use_hive_partitioning: 0 } },
  );
  const wanted = { files: state.files().size, ...sums(state), positions: entriesOf(state).length };
  const written = {
    files: Number(found?.files),
    bytes: Number(found?.bytes),
    rows: Number(found?.rows),
    positions: Number(found?.positions),
  };
  if (JSON.stringify(written) === JSON.stringify(wanted)) return Number(found?.actions);
  throw new ShoplakeError("lake", "a checkpoint read back differs from the table; it was not published", {
    where: key,
    allowed: JSON.stringify(wanted),
  });
}

function sums(state: TableState): { readonly bytes: number; readonly rows: number } {
  let [bytes, rows] = [0, 0];
  for (const file of state.files().values()) {
    bytes += file.size;
    rows += file.rows ?? 0;
  }
  return { bytes, rows };
}
