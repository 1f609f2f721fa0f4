/** What a table's log adds up to at one version. Replaying a commit gives a new state; states are never changed. */
import { ShoplakeError } from "../../util/errors.ts";
import type { Actions, AddFile, Metadata, Protocol } from "./actions.ts";

/** A data file of a table. */
export interface DataFile {
  /** As the log spells it (URI-encoded, relative to the dataset's folder). */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** undefined when another program wrote the file without statistics. */
  readonly rows: number | undefined;
  /** Value of the partition column; {} for unpartitioned tables. */
  readonly partition: Readonly<Record<string, string | null>>;
  /** What its writer noted: what the rows were built from. {} for none. */
  readonly tags: Readonly<Record<string, string>>;
  /** Rows of the file are marked as deleted in a separate file (another program did it). */
  readonly deletionVector: boolean;
}

/** A data file with what its log entry says beyond, e.g. one that is not in the log yet. */
export interface DescribedFile extends DataFile {
  /** Statistics as JSON text, format of the Delta protocol. */
  readonly stats: string | undefined;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** A checkpoint that is in the store: one key, or the keys of its parts. */
export interface Checkpoint {
  /** The version whose state it holds. */
  readonly version: number;
  /** In the order of the parts. */
  readonly keys: readonly string[];
}

/** Data files that are put together only when somebody looks at them. */
export interface FileList {
  /** Known without putting them together. */
  readonly count: number;
  /** By path. */
  readonly all: () => ReadonlyMap<string, DataFile>;
}

/** Never changed: a commit gives the next one. */
export interface TableState {
  /** Number of its newest commit, from 0. */
  readonly version: number;
  /** Name of its newest commit; undefined: nothing is left that tells it (see commit-name.ts). */
  readonly commitName: number | undefined;
  /** Of its newest commit that wrote it. */
  readonly metadata: Metadata;
  /** Of its newest commit that wrote it. */
  readonly protocol: Protocol;
  /** The data files by path. Put together when first asked for: an append does not need them. */
  readonly files: () => ReadonlyMap<string, DataFile>;
  /** Delta txn entries (appId -> version), without those that name the commit. */
  readonly positions: ReadonlyMap<string, number>;
  /** The checkpoint this state was replayed from; undefined: from the first commit. */
  readonly checkpoint: Checkpoint | undefined;
  /** The data files at that checkpoint. */
  readonly base: FileList;
  /**
   * What the commits after `checkpoint` did, by path: a file's add action, or when it was removed (ms since 1970). Statistics
   * and removals up to the checkpoint stay in it: only the next checkpoint, vacuum and restore want them.
   */
  readonly since: ReadonlyMap<string, AddFile | number>;
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
  const positions = new Map(state?.positions);
  const since = new Map(state?.since);
  let metadata = state?.metadata;
  let protocol = state?.protocol;
  for (const { actions } of commits) {
    for (const remove of actions.removes) since.set(remove.path, remove.deletionTimestamp ?? 0);
    for (const add of actions.adds) since.set(add.path, add);
    for (const { appId, version } of actions.transactions) positions.set(appId, version);
    metadata = actions.metadata ?? metadata;
    protocol = actions.protocol ?? protocol;
  }
  if (metadata === undefined || protocol === undefined)
    throw new ShoplakeError("lake", "the table's log has no metadata: its first commits are missing", {
      where,
    });
  const base = state?.base ?? noFiles;
  return {
    version: last.version,
    commitName: last.actions.name,
    metadata,
    protocol,
    files: once(() => filesSince(base, since)),
    positions,
    checkpoint: state?.checkpoint,
    base,
    since,
    complete: last.actions.info !== undefined,
  };
}

const noFiles: FileList = { count: 0, all: () => new Map() };

function filesSince(base: FileList, since: TableState["since"]): ReadonlyMap<string, DataFile> {
  const files = new Map(base.all());
  for (const [path, change] of since) {
    if (typeof change === "number") files.delete(path);
    else files.set(path, dataFile(change));
  }
  return files;
}

/** The state once its checkpoint is written. */
export function checkpointed(state: TableState, checkpoint: Checkpoint): TableState {
  const files = state.files();
  return { ...state, checkpoint, base: { count: files.size, all: () => files }, since: new Map() };
}

/** Version of the checkpoint a state was replayed from; -1 without. */
export function checkpointVersion(state: TableState): number {
  return state.checkpoint?.version ?? -1;
}

/** Computes a value when it is first wanted. */
export function once<T>(compute: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: compute() };
    return found.value;
  };
}

/** What readers need of an `add`, its row count taken from the statistics. */
export function dataFile(add: AddFile): DataFile {
  return {
    path: add.path,
    size: add.size,
    rows: rowsOf(add.stats ?? undefined),
    partition: add.partitionValues,
    tags: add.tags ?? {},
    deletionVector: add.deletionVector !== undefined && add.deletionVector !== null,
  };
}

/** The row count inside statistics, without parsing all of them. `rowsSql` in read-checkpoint.ts is the same rule. */
function rowsOf(stats: string | undefined): number | undefined {
  const found = stats === undefined ? null : /"numRecords"\s*:\s*(\d+)/.exec(stats);
  return found === null ? undefined : Number(found[1]);
}

/** The reverse of `dataFile`, for a file that goes into the log. */
export function addAction(file: DescribedFile, dataChange: boolean): AddFile {
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
