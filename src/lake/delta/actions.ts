/** The lines of a Delta commit. Format: https://github.com/delta-io/delta/blob/master/PROTOCOL.md#actions */
import { ShoplakeError } from "../../util/errors.ts";
import { isNameEntry, nameEntries, nameOfCommit } from "./commit-name.ts";

/** A file whose rows belong to the table from this commit on. Names and units are those of the protocol. */
export interface AddFile {
  /** Relative to the table's folder, URI-encoded. */
  readonly path: string;
  /** By partition column, as text; null is the partition of NULL. {} without partitions. */
  readonly partitionValues: Readonly<Record<string, string | null>>;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modificationTime: number;
  /** False: the rows were there before in other files (compaction). */
  readonly dataChange: boolean;
  /** Row count, minima and maxima as JSON text. Default: not known. */
  readonly stats?: string | null;
  /** What the writer noted with the file. Default: nothing. */
  readonly tags?: Readonly<Record<string, string>> | null;
  /** Names the rows that are deleted without rewriting the file; only its presence matters here. Default: none are. */
  readonly deletionVector?: unknown;
}

/** A file whose rows no longer belong to the table; the file itself stays until a vacuum. */
export interface RemoveFile {
  /** Spelled like that of the `add` it takes back. */
  readonly path: string;
  /** Milliseconds since 1970; a vacuum goes by it. Default: 0, removed long ago. */
  readonly deletionTimestamp?: number;
  /** False: the rows are still there in other files (compaction). */
  readonly dataChange: boolean;
  /** True: the fields below are there. */
  readonly extendedFileMetadata?: boolean;
  /** As in the `add`. Default: not written down. */
  readonly partitionValues?: Readonly<Record<string, string | null>> | null;
  /** Bytes. Default: not written down. */
  readonly size?: number | null;
}

/** What the table is; a commit that changes any of it writes all of it. */
export interface Metadata {
  /** UUID of the table, given when it is made: a table made anew has another one. */
  readonly id: string;
  /** For people; the dataset's name in tables of ours. */
  readonly name?: string | null;
  /** For people. */
  readonly description?: string | null;
  /** Always Parquet, without options. */
  readonly format: { readonly provider: string; readonly options: Readonly<Record<string, string>> };
  /** JSON of a `DeltaStruct`. */
  readonly schemaString: string;
  /** Names of columns; [] for one partition. */
  readonly partitionColumns: readonly string[];
  /** Table properties: "delta.*" of the protocol, "shoplake.*" of ours, any of other programs. */
  readonly configuration: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly createdTime?: number | null;
}

/** What a program must be able to do to read or write the table. */
export interface Protocol {
  /** 3: `readerFeatures` lists what is needed. */
  readonly minReaderVersion: number;
  /** 7: `writerFeatures` lists what is needed. */
  readonly minWriterVersion: number;
  /** Names of table features. Default: those that the version implies. */
  readonly readerFeatures?: readonly string[] | null;
  /** Names of table features. Default: those that the version implies. */
  readonly writerFeatures?: readonly string[] | null;
}

/** A number that moves in the same commit as the rows: how far a source was read. */
export interface Transaction {
  /** What the number belongs to, such as one partition of a topic. */
  readonly appId: string;
  /** The newest one wins; the protocol wants a 64-bit integer, here at most 2^53 - 1. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly lastUpdated?: number | null;
}

/** Notes for people and histories: no reader depends on them, and log clean-up loses them. */
export type CommitInfo = Readonly<Record<string, unknown>>;

/** What a commit does. */
export interface Actions {
  /** Name of the commit: tells it from every other one, also of the same version (see commit-name.ts). */
  readonly name: number;
  /** Files that come in. */
  readonly adds: readonly AddFile[];
  /** Files that go out. */
  readonly removes: readonly RemoveFile[];
  /** undefined: as before. */
  readonly metadata: Metadata | undefined;
  /** undefined: as before. */
  readonly protocol: Protocol | undefined;
  /** Positions that it moves, without the entries that name it. */
  readonly transactions: readonly Transaction[];
  /** undefined: the commit was cut off, or another program left it out. */
  readonly info: CommitInfo | undefined;
}

/** One line of a commit; unknown kinds are skipped, as the protocol asks. */
interface Line {
  readonly add?: AddFile;
  readonly remove?: RemoveFile;
  readonly metaData?: Metadata;
  readonly protocol?: Protocol;
  readonly txn?: Transaction;
  readonly commitInfo?: CommitInfo;
}

/** Throws `lake` when a line is not JSON: the commit was cut or damaged. `where` is the key of the commit. */
export function parseCommit(bytes: Uint8Array, where: string): Actions {
  const adds: AddFile[] = [];
  const removes: RemoveFile[] = [];
  const transactions: Transaction[] = [];
  let metadata: Metadata | undefined;
  let protocol: Protocol | undefined;
  let info: CommitInfo | undefined;
  for (const line of Buffer.from(bytes).toString("utf8").split("\n")) {
    if (line.trim() === "") continue;
    const action = parseLine(line, where);
    if (action.add) adds.push(action.add);
    else if (action.remove) removes.push(action.remove);
    else if (action.txn) transactions.push(action.txn);
    else if (action.metaData) metadata = action.metaData;
    else if (action.protocol) protocol = action.protocol;
    else if (action.commitInfo) info = action.commitInfo;
  }
  const name = nameOfCommit(transactions, bytes);
  const positions = transactions.filter(({ appId }) => !isNameEntry(appId));
  return { name, adds, removes, metadata, protocol, transactions: positions, info };
}

function parseLine(line: string, where: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch (cause) {
    throw new ShoplakeError("lake", "a commit of the table's log is damaged: a line is not JSON", {
      where,
      hint: "restore this file from a backup; if it is the newest commit and nobody saw its rows, delete it",
      cause,
    });
  }
}

/** The bytes of the commit of a version. `commitInfo` comes last: a commit without it was cut off (power loss without fsync). */
export function renderCommit(actions: Actions, version: number): Buffer {
  const lines: Line[] = [];
  if (actions.protocol) lines.push({ protocol: actions.protocol });
  if (actions.metadata) lines.push({ metaData: actions.metadata });
  for (const txn of [...nameEntries(actions.name, version), ...actions.transactions]) lines.push({ txn });
  for (const remove of actions.removes) lines.push({ remove });
  for (const add of actions.adds) lines.push({ add });
  lines.push({ commitInfo: actions.info ?? {} });
  return Buffer.from(`${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
}

/** Key of a commit below the dataset's folder. */
export function commitKey(folder: string, version: number): string {
  return `${folder}/_delta_log/${padVersion(version)}.json`;
}

/** 20 digits, so that names sort by number: the form of the protocol. */
export function padVersion(version: number): string {
  return String(version).padStart(20, "0");
}
