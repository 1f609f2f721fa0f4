/** What a table's log adds up to at one version. Replaying a commit gives a new state; states are never changed. */
import { ShoplakeError } from "../util/errors.ts";
import type { Actions, AddFile, Metadata, Protocol } from "./actions.ts";

/** A data file of a table. */
export interface DataFile {
  /** As the log spells it (URI-encoded, relative to the dataset's folder). */
  readonly path: string;
  readonly size: number;
  /** undefined when another program wrote the file without statistics. */
  readonly rows: number | undefined;
  /** Value of the partition column; {} for unpartitioned tables. */
  readonly partition: Readonly<Record<string, string | null>>;
  /** Statistics as JSON text, format of the Delta protocol. */
  readonly stats: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Rows of the file are marked as deleted in a separate file (another program did it). */
  readonly deletionVector: boolean;
}

export interface TableState {
  readonly version: number;
  readonly metadata: Metadata;
  readonly protocol: Protocol;
  readonly files: ReadonlyMap<string, DataFile>;
  readonly positions: ReadonlyMap<string, number>;
  /** Removed files by path -> when, ms since 1970: vacuum keeps them until their retention is over. */
  readonly tombstones: ReadonlyMap<string, number>;
  /** Version of the newest checkpoint known, -1 without. */
  readonly checkpoint: number;
  /** False when the newest commit lacks its end marker: it may have been cut off by a power loss. */
  readonly complete: boolean;
}

/** Undefined before the first commit. Throws `lake` when the first commit lacks protocol or metadata. */
export function replay(
  state: TableState | undefined,
  commits: readonly { readonly version: number; readonly actions: Actions }[],
  where: string,
): TableState | undefined {
  const last = commits.at(-1);
  if (last === undefined) return state;
  const files = new Map(state?.files);
  const positions = new Map(state?.positions);
  const tombstones = new Map(state?.tombstones);
  let metadata = state?.metadata;
  let protocol = state?.protocol;
  for (const { actions } of commits) {
    for (const remove of actions.removes) {
      files.delete(remove.path);
      tombstones.set(remove.path, remove.deletionTimestamp ?? 0);
    }
    for (const add of actions.adds) {
      files.set(add.path, dataFile(add));
      tombstones.delete(add.path);
    }
    for (const { appId, version } of actions.transactions) positions.set(appId, version);
    metadata = actions.metadata ?? metadata;
    protocol = actions.protocol ?? protocol;
  }
  if (metadata === undefined || protocol === undefined)
    throw new ShoplakeError("lake", "the table's log has no metadata: its first commits are missing", {
      where,
    });
  return {
    version: last.version,
    metadata,
    protocol,
    files,
    positions,
    tombstones,
    checkpoint: state?.checkpoint ?? -1,
    complete: last.actions.info !== undefined,
  };
}

export function dataFile(add: AddFile): DataFile {
  const stats = add.stats ?? undefined;
  return {
    path: add.path,
    size: add.size,
    rows: rowsOf(stats),
    partition: add.partitionValues,
    stats,
    tags: add.tags ?? {},
    modified: add.modificationTime,
    deletionVector: add.deletionVector !== undefined && add.deletionVector !== null,
  };
}

/** The row count inside statistics, without parsing all of them. */
export function rowsOf(stats: string | undefined): number | undefined {
  const found = stats === undefined ? null : /"numRecords"\s*:\s*(\d+)/.exec(stats);
  return found === null ? undefined : Number(found[1]);
}

export function addAction(file: DataFile, dataChange: boolean): AddFile {
  return {
    path: file.path,
    partitionValues: file.partition,
    size: file.size,
    modificationTime: file.modified,
    dataChange,
    ...(file.stats === undefined ? {} : { stats: file.stats }),
    ...(Object.keys(file.tags).length === 0 ? {} : { tags: file.tags }),
  };
}
