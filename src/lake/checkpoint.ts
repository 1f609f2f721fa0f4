/**
 * Checkpoints: the state of a table at one version as a Parquet file that the engine reads and writes, so that opening
 * needs only the commits after it. Classic single-file checkpoints are written; multi-part ones are read too.
 */
import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Engine } from "../engine/engine.ts";
import { ShoplakeError } from "../util/errors.ts";
import { type Metadata, type Protocol, padVersion } from "./actions.ts";
import { addAction, type DataFile, rowsOf, type TableState } from "./state.ts";
import type { LakeStore } from "./store.ts";

const writtenStructure = (features: string) =>
  [
    "txn Nullable(Tuple(appId String, version Int64, lastUpdated Nullable(Int64)))",
    "add Nullable(Tuple(path String, partitionValues Map(String, Nullable(String)), size Int64, modificationTime Int64, dataChange Bool, stats Nullable(String), tags Map(String, Nullable(String))))",
    "remove Nullable(Tuple(path String, deletionTimestamp Nullable(Int64), dataChange Bool))",
    "metaData Nullable(Tuple(id String, name Nullable(String), description Nullable(String), format Tuple(provider String, options Map(String, String)), schemaString String, partitionColumns Array(String), configuration Map(String, String), createdTime Nullable(Int64)))",
    `protocol Nullable(Tuple(minReaderVersion Int32, minWriterVersion Int32${features}))`,
  ].join(", ");

/** Only tables at protocol (3,7) have them; below, the columns make readers fail. */
const featureColumns = ", readerFeatures Array(String), writerFeatures Array(String)";

const others = {
  txn: "Tuple(appId Nullable(String), version Nullable(Int64))",
  metaData:
    "Tuple(id Nullable(String), name Nullable(String), description Nullable(String), format Tuple(provider Nullable(String), options Map(String, String)), schemaString Nullable(String), partitionColumns Array(String), configuration Map(String, String), createdTime Nullable(Int64))",
  protocol:
    "Tuple(minReaderVersion Nullable(Int32), minWriterVersion Nullable(Int32), readerFeatures Array(String), writerFeatures Array(String))",
  sidecar: "Tuple(path Nullable(String))",
} as const;
const otherStructure = Object.entries(others).map(([name, type]) => `${name} ${type}`);

/** Sub-columns that a checkpoint lacks arrive as null or empty. */
const addStructure =
  "add Tuple(path Nullable(String), partitionValues Map(String, Nullable(String)), size Nullable(Int64), modificationTime Nullable(Int64), stats Nullable(String), tags Map(String, Nullable(String)), deletionVector Tuple(storageType Nullable(String)))";
const removeStructure = "remove Tuple(path Nullable(String), deletionTimestamp Nullable(Int64))";

/** Columns of the add rows, each as long as the checkpoint has files. */
type AddColumns = [
  path: string[],
  partition: Record<string, string | null>[],
  size: (string | number)[],
  modified: (string | number)[],
  stats: (string | null)[],
  tags: Record<string, string | null>[],
  vector: number[],
];
type RemoveColumns = [path: string[], deletionTimestamp: (string | number | null)[]];

interface OtherActions {
  readonly txn: { readonly appId: string | null; readonly version: string | number | null };
  readonly metaData: Metadata & { readonly id: string | null };
  readonly protocol: Protocol & { readonly minReaderVersion: number | null };
  readonly sidecar: { readonly path: string | null };
}

export function checkpointKey(folder: string, version: number): string {
  return `${folder}/_delta_log/${padVersion(version)}.checkpoint.parquet`;
}

/** The state at `version` from its checkpoint file, or files when it has parts. */
export async function readCheckpoint(
  engine: Engine,
  store: LakeStore,
  keys: readonly string[],
  version: number,
): Promise<TableState> {
  const ask = async <T>(columns: string, structure: string, where: string): Promise<T> => {
    const sql = `SELECT ${columns} FROM ${store.tableFunction(keys, "Parquet", structure)} WHERE ${where}`;
    const stream = await engine.download(sql, "JSONCompactColumns", {
      settings: { use_hive_partitioning: 0 },
    });
    return JSON.parse((await buffer(stream)).toString("utf8")) as T;
  };
  const other = `toJSONString(CAST((${Object.keys(others).join(", ")}) AS Tuple(${otherStructure.join(", ")})))`;
  const [adds, removes, [rest = []]] = await Promise.all([
    ask<AddColumns>(
      "add.path, add.partitionValues, add.size, add.modificationTime, add.stats, add.tags, isNotNull(add.deletionVector.storageType)",
      addStructure,
      "isNotNull(add.path)",
    ),
    ask<RemoveColumns>("remove.path, remove.deletionTimestamp", removeStructure, "isNotNull(remove.path)"),
    ask<[string[]?]>(
      other,
      ["add Tuple(path Nullable(String))", removeStructure, ...otherStructure].join(", "),
      "isNull(add.path) AND isNull(remove.path)",
    ),
  ]);
  const actions = rest.map((text) => JSON.parse(text) as OtherActions);
  const [removed = [], times = []] = removes;
  return {
    version,
    checkpoint: version,
    complete: true,
    files: filesOf(adds),
    tombstones: new Map(removed.map((path, i) => [path, Number(times[i] ?? 0)])),
    ...otherState(actions, keys[0] ?? ""),
  };
}

/** No rows: the format gives no columns. */
function filesOf([paths = [], partition, size, modified, stats, tags, vector]: Partial<AddColumns>): Map<
  string,
  DataFile
> {
  const files = new Map<string, DataFile>();
  paths.forEach((path, i) => {
    const text = stats?.[i] ?? undefined;
    files.set(path, {
      path,
      size: Number(size?.[i]),
      rows: rowsOf(text),
      partition: partition?.[i] ?? {},
      stats: text,
      tags: withoutNulls(tags?.[i] ?? {}),
      modified: Number(modified?.[i]),
      deletionVector: Boolean(vector?.[i]),
    });
  });
  return files;
}

function otherState(
  rest: readonly OtherActions[],
  where: string,
): Pick<TableState, "metadata" | "protocol" | "positions"> {
  const positions = new Map<string, number>();
  let metadata: Metadata | undefined;
  let protocol: Protocol | undefined;
  for (const { txn, metaData, protocol: versions, sidecar } of rest) {
    if (sidecar.path !== null)
      throw new ShoplakeError(
        "unsupported",
        "the table has a checkpoint in format v2, written by another program",
        {
          where,
          hint: "let that program write a classic checkpoint (delta.checkpointPolicy = classic)",
        },
      );
    if (txn.appId !== null) positions.set(txn.appId, Number(txn.version));
    if (metaData.id !== null) metadata = { ...metaData, createdTime: numberOrNull(metaData.createdTime) };
    if (versions.minReaderVersion !== null) protocol = featuresOf(versions);
  }
  if (metadata === undefined || protocol === undefined)
    throw new ShoplakeError("lake", "the checkpoint has no metadata or no protocol", {
      where,
      hint: "delete this checkpoint file and _last_checkpoint if the commits before it are still there",
    });
  return { positions, metadata, protocol };
}

function featuresOf(protocol: Protocol): Protocol {
  const { minReaderVersion, minWriterVersion, readerFeatures, writerFeatures } = protocol;
  return {
    minReaderVersion,
    minWriterVersion,
    ...(readerFeatures?.length ? { readerFeatures } : {}),
    ...(writerFeatures?.length ? { writerFeatures } : {}),
  };
}

/**
 * Writes the checkpoint of a state and points `_last_checkpoint` at it. Written under a temporary name, read back, and only
 * then published: a torn checkpoint makes a table unreadable everywhere. `keepRemovedSince`: older tombstones are dropped.
 */
export async function writeCheckpoint(
  engine: Engine,
  store: LakeStore,
  target: { readonly folder: string; readonly state: TableState; readonly keepRemovedSince: number },
): Promise<void> {
  const { folder, state } = target;
  const lines = checkpointLines(state, target.keepRemovedSince);
  const temporary = `${folder}/_delta_log/.${randomUUID()}.tmp.parquet`;
  const features = state.protocol.minReaderVersion >= 3 ? featureColumns : "";
  const into = store.tableFunction([temporary], "Parquet", writtenStructure(features));
  try {
    await engine.upload(
      `INSERT INTO FUNCTION ${into} SETTINGS allow_experimental_nullable_tuple_type = 1 FORMAT JSONEachRow`,
      Readable.from([Buffer.from(lines.join("\n"))]),
    );
    await checkWritten(engine, store, temporary, state);
    const bytes = await store.read(temporary);
    if (bytes === undefined) throw new ShoplakeError("lake", "a checkpoint vanished", { where: temporary });
    await store.create(checkpointKey(folder, state.version), bytes);
    const pointer = { version: state.version, size: lines.length, sizeInBytes: bytes.length };
    await store.replace(`${folder}/_delta_log/_last_checkpoint`, Buffer.from(JSON.stringify(pointer)));
  } finally {
    await store.remove(temporary);
  }
}

/** A torn or short checkpoint would lose files without an error. */
async function checkWritten(engine: Engine, store: LakeStore, key: string, state: TableState): Promise<void> {
  const structure = `txn ${others.txn}, add Tuple(path Nullable(String), size Nullable(Int64))`;
  const [found] = await engine.rows(
    `SELECT uniqExact(add.path) AS files, toInt64(sum(add.size)) AS bytes, uniqExact(txn.appId) AS positions
     FROM ${store.tableFunction([key], "Parquet", structure)}`,
  );
  const size = [...state.files.values()].reduce((sum, file) => sum + file.size, 0);
  const wanted = {
    files: String(state.files.size),
    bytes: String(size),
    positions: String(state.positions.size),
  };
  const bytes = String(found?.["bytes"] ?? 0);
  if (JSON.stringify({ ...found, bytes }) === JSON.stringify(wanted)) return;
  throw new ShoplakeError("lake", "a checkpoint read back differs from the table; it was not published", {
    where: key,
    allowed: JSON.stringify(wanted),
  });
}

function checkpointLines(state: TableState, keepRemovedSince: number): string[] {
  const lines: object[] = [{ protocol: state.protocol }, { metaData: state.metadata }];
  for (const [appId, version] of state.positions) lines.push({ txn: { appId, version } });
  for (const [path, deletionTimestamp] of state.tombstones)
    if (deletionTimestamp >= keepRemovedSince)
      lines.push({ remove: { path, deletionTimestamp, dataChange: false } });
  for (const file of state.files.values()) lines.push({ add: { tags: {}, ...addAction(file, false) } });
  return lines.map((line) => JSON.stringify(line));
}

function withoutNulls(tags: Record<string, string | null>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(tags)) if (value !== null) kept[name] = value;
  return kept;
}

function numberOrNull(value: number | string | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
