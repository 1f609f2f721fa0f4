/** The lines of a Delta commit. Format: https://github.com/delta-io/delta/blob/master/PROTOCOL.md#actions */
import { ShoplakeError } from "../../util/errors.ts";
import { isNameEntry, nameEntries, nameOfCommit } from "./commit-name.ts";

export interface AddFile {
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly size: number;
  readonly modificationTime: number;
  readonly dataChange: boolean;
  readonly stats?: string | null;
  readonly tags?: Readonly<Record<string, string>> | null;
  readonly deletionVector?: unknown;
}

export interface RemoveFile {
  readonly path: string;
  readonly deletionTimestamp?: number;
  readonly dataChange: boolean;
  /** True: the fields below are there. */
  readonly extendedFileMetadata?: boolean;
  readonly partitionValues?: Readonly<Record<string, string | null>> | null;
  readonly size?: number | null;
}

export interface Metadata {
  readonly id: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly format: { readonly provider: string; readonly options: Readonly<Record<string, string>> };
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
  readonly createdTime?: number | null;
}

export interface Protocol {
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  readonly readerFeatures?: readonly string[] | null;
  readonly writerFeatures?: readonly string[] | null;
}

export interface Transaction {
  readonly appId: string;
  readonly version: number;
  readonly lastUpdated?: number | null;
}

export type CommitInfo = Readonly<Record<string, unknown>>;

/** What a commit does. */
export interface Actions {
  /** Name of the commit: tells it from every other one, also of the same version (see commit-name.ts). */
  readonly name: number;
  readonly adds: readonly AddFile[];
  readonly removes: readonly RemoveFile[];
  readonly metadata: Metadata | undefined;
  readonly protocol: Protocol | undefined;
  /** Positions that it moves, without the entries that name it. */
  readonly transactions: readonly Transaction[];
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

export function padVersion(version: number): string {
  return String(version).padStart(20, "0");
}
