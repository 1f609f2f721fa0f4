/**
 * Reads checkpoints through the engine. Opening a table takes the file list without statistics and without removed files, in
 * one statement and as few bytes as possible: it is what every run does. The rest is read when it is wanted.
 */
import { buffer } from "node:stream/consumers";
import type { Engine } from "../../engine/engine.ts";
import { text } from "../../engine/sql.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { LakeStore } from "../store/store.ts";
import type { Metadata, Protocol } from "./actions.ts";
import { isNameEntry, nameInEntries } from "./commit-name.ts";
import { type Checkpoint, type DataFile, once, type TableState } from "./state.ts";

const otherTypes = {
  txn: "Tuple(appId Nullable(String), version Nullable(Int64))",
  metaData:
    "Tuple(id Nullable(String), name Nullable(String), description Nullable(String), format Tuple(provider Nullable(String), options Map(String, String)), schemaString Nullable(String), partitionColumns Array(String), configuration Map(String, String), createdTime Nullable(Int64))",
  protocol:
    "Tuple(minReaderVersion Nullable(Int32), minWriterVersion Nullable(Int32), readerFeatures Array(String), writerFeatures Array(String))",
  sidecar: "Tuple(path Nullable(String))",
} as const;

/** What opening reads of a checkpoint. Sub-columns that a checkpoint lacks arrive as null or empty. */
export const openStructure: string = [
  "add Tuple(path Nullable(String), partitionValues Map(String, Nullable(String)), size Nullable(Int64), stats Nullable(String), tags Map(String, Nullable(String)), deletionVector Tuple(storageType Nullable(String)))",
  "remove Tuple(path Nullable(String))",
  ...Object.entries(otherTypes).map(([name, type]) => `${name} ${type}`),
].join(", ");

/** Rows of an add action by its statistics: the rule of rowsOf in state.ts. */
export const rowsSql: string = `toInt64OrNull(extract(ifNull(add.stats, ''), ${text('"numRecords"\\s*:\\s*(\\d+)')}))`;

const maskedSql = "isNotNull(add.deletionVector.storageType)";

/** "" for a file. */
const otherSql = `if(isNull(add.path), toJSONString(CAST((${Object.keys(otherTypes).join(", ")}) AS Tuple(${Object.entries(
  otherTypes,
)
  .map((entry) => entry.join(" "))
  .join(", ")}))), '')`;

/** Files with the same partition, tags and mask come as one row: most of what is sent are the paths. */
const openColumns = `groupArray(add.path), groupArray(ifNull(add.size, 0)), groupArray(ifNull(${rowsSql}, -1)),
  toJSONString(CAST((add.partitionValues, add.tags, ${maskedSql})
    AS Tuple(partition Map(String, Nullable(String)), tags Map(String, Nullable(String)), deletionVector Bool))),
  ${otherSql} AS other`;
const openGroups = `add.partitionValues, add.tags, ${maskedSql}, other`;

/** One entry per group of files, or per other action. */
type ActionColumns = readonly [
  paths: readonly (readonly string[])[],
  sizes: readonly (readonly number[])[],
  /** -1: not known. */
  rows: readonly (readonly number[])[],
  /** JSON of FileFacts. */
  facts: readonly string[],
  /** JSON of OtherActions, or "". */
  others: readonly string[],
];

/** Paths are not read as partitions, and numbers come as numbers: counts and sizes stay below 2^53. */
export const readSettings = { use_hive_partitioning: 0, output_format_json_quote_64bit_integers: 0 };

/** What reading a checkpoint takes. */
export interface CheckpointSource {
  /** Reads the Parquet file. */
  readonly engine: Engine;
  /** Where it is. */
  readonly store: LakeStore;
}

/** As a Parquet map gives them: a value may be null. */
export type Tags = Readonly<Record<string, string | null>>;
type FileFacts = Pick<DataFile, "partition" | "deletionVector"> & { readonly tags: Tags };

interface OtherActions {
  readonly txn: { readonly appId: string | null; readonly version: number | null };
  readonly metaData: Metadata & { readonly id: string | null };
  readonly protocol: Protocol & { readonly minReaderVersion: number | null };
  readonly sidecar: { readonly path: string | null };
}

/** The state at the version of a checkpoint. */
export async function readCheckpoint(source: CheckpointSource, checkpoint: Checkpoint): Promise<TableState> {
  const { engine, store } = source;
  const stream = await engine.download(
    `SELECT ${openColumns} FROM ${store.tableFunction(checkpoint.keys, "Parquet", openStructure)}
     WHERE isNull(remove.path) GROUP BY ${openGroups}`,
    "JSONCompactColumns",
    { settings: { ...readSettings, output_format_json_escape_forward_slashes: 0 } },
  );
  const found = JSON.parse((await buffer(stream)).toString("utf8")) as Partial<ActionColumns>;
  const files = once(() => filesOf(found));
  const [paths = [], , , , others = []] = found;
  return {
    version: checkpoint.version,
    checkpoint,
    complete: true,
    files,
    base: { count: paths.reduce((sum, group) => sum + group.length, 0), all: files },
    since: new Map(),
    ...otherState(others, checkpoint),
  };
}

function filesOf([paths = [], sizes, rows, facts]: Partial<ActionColumns>): Map<string, DataFile> {
  const files = new Map<string, DataFile>();
  for (const [group, some] of paths.entries()) {
    const { partition, tags, deletionVector } = JSON.parse(facts?.[group] ?? "") as FileFacts;
    const shared = { partition, tags: withoutNulls(tags), deletionVector };
    for (const [i, path] of some.entries())
      files.set(path, { path, size: sizes?.[group]?.[i] ?? 0, rows: known(rows?.[group]?.[i]), ...shared });
  }
  return files;
}

function known(rows: number | undefined): number | undefined {
  return rows === -1 ? undefined : rows;
}

function otherState(
  actions: readonly string[],
  { version, keys }: Checkpoint,
): Pick<TableState, "metadata" | "protocol" | "positions" | "commitName"> {
  const where = keys[0] ?? "";
  const entries = new Map<string, number>();
  let metadata: Metadata | undefined;
  let protocol: Protocol | undefined;
  for (const json of actions) {
    if (json === "") continue;
    const { txn, metaData, protocol: versions, sidecar } = JSON.parse(json) as OtherActions;
    if (sidecar.path !== null)
      throw new ShoplakeError(
        "unsupported",
        "the table has a checkpoint in format v2, written by another program",
        {
          where,
          hint: "let that program write a classic checkpoint (delta.checkpointPolicy = classic)",
        },
      );
    if (txn.appId !== null) entries.set(txn.appId, Number(txn.version));
    if (metaData.id !== null) metadata = { ...metaData, createdTime: metaData.createdTime ?? null };
    if (versions.minReaderVersion !== null) protocol = featuresOf(versions);
  }
  if (metadata === undefined || protocol === undefined)
    throw new ShoplakeError("lake", "the checkpoint has no metadata or no protocol", {
      where,
      hint: "delete this checkpoint file and _last_checkpoint if the commits before it are still there",
    });
  const positions = new Map([...entries].filter(([appId]) => !isNameEntry(appId)));
  return { positions, metadata, protocol, commitName: nameInEntries(entries, version) };
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

/** Only the tags with a value. */
export function withoutNulls(tags: Tags): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(tags)) if (value !== null) kept[name] = value;
  return kept;
}
