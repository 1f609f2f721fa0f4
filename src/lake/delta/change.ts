/** A change of a table as data, and the Delta actions it amounts to on top of a given state. */
import { randomUUID } from "node:crypto";
import type { Column } from "../../engine/engine.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { StagedFiles } from "../stage.ts";
import type { Actions, CommitInfo, Metadata } from "./actions.ts";
import { nameOfOurs } from "./commit-name.ts";
import { fromDeltaSchema, mergeColumns, storedColumns, toDeltaSchema } from "./schema.ts";
import { checkWritable, partitionByKey, partitionColumnOf, type Snapshot, schemaOf } from "./snapshot.ts";
import { addAction, type DataFile, type TableState } from "./state.ts";

/** Which rows a change takes away: none, all, whole partitions, or the rows of given files. */
export type Removal =
  | "none"
  | "all"
  /** Values as `DataFile.partition` has them; null is the partition of NULL and of the empty text. */
  | { readonly partitions: readonly (string | null)[] }
  | { readonly files: readonly DataFile[] };

/** Everything one commit does; it happens whole or not at all. */
export interface TableChange {
  /** The version the change was worked out from; undefined: the table did not exist. */
  readonly base: Snapshot | undefined;
  /** Rows that come in; undefined: none do. */
  readonly add: StagedFiles | undefined;
  /** Which of the rows of `base` go away. */
  readonly remove: Removal;
  /** Columns the table shall have at least; those of `add` are merged in anyway. With `remove: "all"`: exactly these. */
  readonly columns?: readonly Column[];
  /** Delta txn entries to set: appId -> version. */
  readonly positions?: Readonly<Record<string, number>>;
  /** Kept with every added file: what it was built from. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Table properties to set; rarely changing facts. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** Goes to commitInfo, shown in histories; gone once the log is cleaned. */
  readonly info: Readonly<Record<string, unknown>>;
  /** Noted in the commit: the task that made it. */
  readonly taskId: string;
  /** False: the same rows in other files (compaction); readers of changes skip the commit. Default true. */
  readonly dataChange?: boolean;
}

/** What an attempt to commit knows; another one for every attempt. */
export interface CommitContext {
  /** For messages, and the name of a table that is made now. */
  readonly dataset: string;
  /** Unique: by it a commit with a lost answer is recognised. */
  readonly txnId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The actions of a change on top of `head`. Throws `lake` or `unsupported` when it does not fit the table. */
export function actionsOf(
  change: TableChange,
  head: TableState | undefined,
  context: CommitContext,
): Actions {
  if (head !== undefined) checkWritable(context.dataset, head.protocol, head);
  const dataChange = change.dataChange ?? true;
  const removed = removedFiles(change.remove, head);
  const metadata = metadataOf(change, head, context);
  return {
    name: nameOfOurs(context.txnId),
    protocol: head === undefined ? { minReaderVersion: 1, minWriterVersion: 2 } : undefined,
    metadata: head !== undefined && sameMetadata(head.metadata, metadata) ? undefined : metadata,
    transactions: Object.entries(change.positions ?? {}).map(([appId, version]) => ({
      appId,
      version,
      lastUpdated: context.now,
    })),
    removes: removed.map((file) => ({
      path: file.path,
      deletionTimestamp: context.now,
      dataChange,
      extendedFileMetadata: true,
      partitionValues: file.partition,
      size: file.size,
    })),
    adds: (change.add?.files ?? []).map((file) =>
      addAction({ ...file, tags: { ...file.tags, ...change.tags } }, dataChange),
    ),
    info: commitInfo(change, removed.length, context),
  };
}

/** The files of `state` that the change takes away. */
export function removedFiles(remove: Removal, state: TableState | undefined): readonly DataFile[] {
  if (remove === "none") return [];
  if (remove !== "all" && "files" in remove) return remove.files;
  return [...(state?.files().values() ?? [])].filter((file) => isAffected(remove, file.partition));
}

/** True when a removal of partitions (or of all) covers this partition. */
export function isAffected(
  remove: "all" | { readonly partitions: readonly (string | null)[] },
  partition: Readonly<Record<string, string | null>>,
): boolean {
  if (remove === "all") return true;
  const value = Object.values(partition)[0] ?? null;
  return remove.partitions.some((wanted) => (wanted === "" ? null : wanted) === value);
}

function metadataOf(change: TableChange, head: TableState | undefined, context: CommitContext): Metadata {
  const { dataset } = context;
  const rebuilt = head === undefined || change.remove === "all";
  const columns = columnsOf(change, head, dataset);
  const partitionBy = partitioningOf(change, head, rebuilt, dataset);
  const partition = partitionBy === undefined ? undefined : partitionColumnOf(partitionBy, columns);
  const previous = head === undefined ? undefined : schemaOf(head);
  const schema = toDeltaSchema(columns, dataset, partition, rebuilt ? undefined : previous);
  const configuration = { ...head?.metadata.configuration, ...change.configuration };
  delete configuration[partitionByKey];
  if (partitionBy !== undefined && partitionBy !== partition) configuration[partitionByKey] = partitionBy;
  return {
    id: head?.metadata.id ?? randomUUID(),
    name: head?.metadata.name ?? dataset,
    description: head?.metadata.description ?? null,
    format: { provider: "parquet", options: {} },
    schemaString: JSON.stringify(schema),
    partitionColumns: partition === undefined ? [] : [partition],
    configuration,
    createdTime: head?.metadata.createdTime ?? context.now,
  };
}

function columnsOf(change: TableChange, head: TableState | undefined, dataset: string): Column[] {
  const { add } = change;
  if (head === undefined || change.remove === "all") {
    const columns =
      change.columns ?? add?.columns ?? (head === undefined ? [] : fromDeltaSchema(schemaOf(head)));
    storedColumns(columns, dataset);
    return add === undefined ? [...columns] : mergeColumns(columns, add.columns, dataset, false);
  }
  let columns = fromDeltaSchema(schemaOf(head));
  if (change.columns !== undefined) columns = mergeColumns(columns, change.columns, dataset, false);
  if (add !== undefined && add.files.length > 0) columns = mergeColumns(columns, add.columns, dataset, true);
  storedColumns(columns, dataset);
  return columns;
}

function partitioningOf(
  change: TableChange,
  head: TableState | undefined,
  rebuilt: boolean,
  dataset: string,
): string | undefined {
  const given = change.add?.partitionBy;
  const existing = head?.metadata.configuration[partitionByKey] ?? head?.metadata.partitionColumns[0];
  if (change.add === undefined) return existing;
  if (rebuilt || given === existing) return given;
  throw new ShoplakeError(
    "lake",
    `the staged files are partitioned by ${given ?? "nothing"}, the table by ${existing ?? "nothing"}`,
    {
      where: dataset,
      hint: "rebuild the dataset with --full-refresh to change its partitioning",
    },
  );
}

function sameMetadata(a: Metadata, b: Metadata): boolean {
  return (
    a.schemaString === b.schemaString &&
    JSON.stringify(a.partitionColumns) === JSON.stringify(b.partitionColumns) &&
    JSON.stringify(Object.entries(a.configuration).sort()) ===
      JSON.stringify(Object.entries(b.configuration).sort())
  );
}

function commitInfo(change: TableChange, removed: number, context: CommitContext): CommitInfo {
  const files = change.add?.files ?? [];
  return {
    timestamp: context.now,
    operation: operationOf(change),
    operationParameters: {},
    operationMetrics: {
      numFiles: String(files.length),
      numOutputRows: String(change.add?.rows ?? 0),
      numRemovedFiles: String(removed),
    },
    isBlindAppend: change.remove === "none" && files.length > 0,
    engineInfo: "shoplake",
    txnId: context.txnId,
    shoplake: { taskId: change.taskId, ...change.info },
  };
}

function operationOf(change: TableChange): string {
  if (change.dataChange === false) return "OPTIMIZE";
  if (change.add === undefined && change.remove === "none") return "SET TBLPROPERTIES";
  return change.add === undefined ? "DELETE" : "WRITE";
}
