/** The commits of a table, newest first, and going back to one of them. */
import { ShoplakeError } from "../../util/errors.ts";
import { openVersion, requireFiles } from "../readable.ts";
import type { Actions, AddFile } from "./actions.ts";
import { addActionsOf } from "./checkpoint-files.ts";
import { type Committer, commitProposal } from "./commit.ts";
import { nameOfOurs, versionIdOf } from "./commit-name.ts";
import { type Commit, type LogSource, readCommit } from "./log.ts";
import { checkWritable } from "./snapshot.ts";
import { dataFile, type TableState } from "./state.ts";

/** One commit, for people and for the record of what was published. */
export interface HistoryEntry {
  /** Number of the version that the commit made. */
  readonly version: number;
  /** As `Snapshot.id`. */
  readonly id: string;
  /** Undefined when the writer did not note it. */
  readonly time: Date | undefined;
  /** "WRITE", "DELETE", "OPTIMIZE", "RESTORE", or what another program called it. */
  readonly operation: string;
  /** undefined: another program wrote it. */
  readonly taskId: string | undefined;
  /** How many data files came in. */
  readonly addedFiles: number;
  /** How many data files went out. */
  readonly removedFiles: number;
  /** Rows of the added files, as far as their statistics tell. */
  readonly addedRows: number;
  /** True when columns, partitioning or properties changed. */
  readonly metadataChanged: boolean;
  /** What the writer noted (`TableChange.info`). */
  readonly info: Readonly<Record<string, unknown>>;
}

/** The newest commits up to `head`, newest first. */
export async function readHistory(
  source: LogSource,
  head: TableState,
  limit: number,
): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for (let version = head.version; version >= 0 && entries.length < limit; version--) {
    const commit = await readCommit(source, version);
    if (commit === undefined) break;
    entries.push(entryOf(commit, head));
  }
  return entries;
}

function entryOf({ version, actions }: Commit, head: TableState): HistoryEntry {
  const { info, adds, removes, metadata } = actions;
  const own = info?.["shoplake"];
  const { taskId, ...noted } = (typeof own === "object" && own !== null ? own : {}) as Record<
    string,
    unknown
  >;
  const timestamp = info?.["timestamp"];
  return {
    version,
    id: versionIdOf(head.metadata, actions.name, version),
    time: typeof timestamp === "number" ? new Date(timestamp) : undefined,
    operation: String(info?.["operation"] ?? "unknown"),
    taskId: typeof taskId === "string" ? taskId : undefined,
    addedFiles: adds.length,
    removedFiles: removes.length,
    addedRows: adds.reduce((sum, add) => sum + (dataFile(add).rows ?? 0), 0),
    metadataChanged: metadata !== undefined,
    info: noted,
  };
}

/** Where to go back to, and who asks for it. */
export interface RestoreTarget {
  /** Number of an older version whose files are all still there. */
  readonly version: number;
  /** Noted in the commit. */
  readonly taskId: string;
}

/** Any commit in between is a conflict: whoever restores has looked at what is there now. */
export async function restoreVersion(
  committer: Committer,
  head: TableState,
  target: RestoreTarget,
): Promise<TableState> {
  const old = await openVersion(committer, head, target.version);
  await requireFiles(committer, head, old);
  checkWritable(committer.dataset, head.protocol, head);
  const adds = await addActionsOf(committer, old);
  return commitProposal(committer, {
    base: head,
    actions: (_, { txnId, now }) => ({
      name: nameOfOurs(txnId),
      ...differenceOf(head, { old, adds }, now),
      info: {
        timestamp: now,
        operation: "RESTORE",
        operationParameters: { version: String(target.version) },
        engineInfo: "shoplake",
        txnId,
        shoplake: { taskId: target.taskId, restored: target.version },
      },
    }),
    check: () => {
      throw new ShoplakeError("conflict", "another writer was faster; nothing was restored", {
        where: committer.dataset,
        hint: "look at the new version and restore again",
        retryable: true,
      });
    },
  });
}

/** Delta cannot forget a position: one that the old version did not have is set to -1, which readers treat as none. */
function differenceOf(
  head: TableState,
  { old, adds }: { readonly old: TableState; readonly adds: ReadonlyMap<string, AddFile> },
  now: number,
): Omit<Actions, "info" | "name"> {
  const positions = new Map(
    [...head.positions.keys()].map((appId) => [appId, old.positions.get(appId) ?? -1]),
  );
  return {
    protocol: undefined,
    metadata: head.metadata === old.metadata ? undefined : old.metadata,
    transactions: [...positions]
      .filter(([appId, version]) => head.positions.get(appId) !== version)
      .map(([appId, version]) => ({ appId, version, lastUpdated: now })),
    removes: [...head.files().values()]
      .filter((file) => !old.files().has(file.path))
      .map((file) => ({
        path: file.path,
        deletionTimestamp: now,
        dataChange: true,
        extendedFileMetadata: true,
        partitionValues: file.partition,
        size: file.size,
      })),
    adds: [...adds.values()]
      .filter((add) => !head.files().has(add.path))
      .map((add) => ({ ...add, dataChange: true })),
  };
}
