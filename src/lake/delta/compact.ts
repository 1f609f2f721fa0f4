/** Joins small data files. */
import { ShoplakeError } from "../../util/errors.ts";
import { decodePath } from "../partition.ts";
import { readExpression } from "../read.ts";
import { removeAll, type StagedFiles, type StageTarget, stageFiles } from "../stage.ts";
import { type Committer, commitChange, isInDoubt } from "./commit.ts";
import type { Snapshot } from "./snapshot.ts";
import type { DataFile, DescribedFile, TableState } from "./state.ts";

/** Which files are small, and who joins them. */
export interface CompactOptions {
  /** Becomes part of the names of new files, as in `StageInput`. */
  readonly taskId: string;
  /** Files are joined up to this size; files of at least half of it stay. Default 128 MiB. */
  readonly targetBytes?: number;
  /** A group of fewer small files stays as it is. Default 4. */
  readonly minFiles?: number;
  /** Ends the reading and writing; nothing is committed then. */
  readonly signal?: AbortSignal;
  /** Throws when this process may not write the table any more. Asked right before the commit. Default: it may. */
  readonly fence?: () => Promise<void>;
}

/** Numbers of data files. */
export interface CompactResult {
  /** Files of the version it started from. */
  readonly filesBefore: number;
  /** Files of the version it made, or found when there was nothing to join. */
  readonly filesAfter: number;
}

type Target = Committer & StageTarget;

/** Commits nothing when there is nothing to join. A file removed by another writer meanwhile is a retryable `conflict`. */
export async function compactFiles(
  target: Target,
  base: Snapshot,
  options: CompactOptions,
): Promise<{ state: TableState | undefined; result: CompactResult }> {
  const groups = groupsToJoin(base.files, options);
  const joined = groups.flat();
  const filesBefore = base.files.length;
  if (groups.length === 0) return { state: undefined, result: { filesBefore, filesAfter: filesBefore } };
  const add = await joinAll(target, base, groups, options);
  const { taskId } = options;
  try {
    await options.fence?.();
    const change = { base, add, remove: { files: joined }, info: {}, taskId, dataChange: false };
    const state = await commitChange(target, change);
    return { state, result: { filesBefore, filesAfter: state.files().size } };
  } catch (error) {
    if (!isInDoubt(error)) await discardFiles(target, add.files);
    throw error;
  }
}

/** Only files of one partition that were built from the same things (tags) are joined: what they were built from stays true. */
function groupsToJoin(files: readonly DataFile[], options: CompactOptions): DataFile[][] {
  const targetBytes = options.targetBytes ?? 128 * 1024 * 1024;
  const minFiles = options.minFiles ?? 4;
  const open = new Map<string, { files: DataFile[]; size: number }>();
  const groups: DataFile[][] = [];
  for (const file of files) {
    if (file.size >= targetBytes / 2) continue;
    const key = JSON.stringify([file.partition, Object.entries(file.tags).sort()]);
    const group = open.get(key) ?? { files: [], size: 0 };
    if (group.size + file.size > targetBytes) {
      groups.push(group.files);
      open.set(key, { files: [file], size: file.size });
    } else open.set(key, { files: [...group.files, file], size: group.size + file.size });
  }
  for (const group of open.values()) groups.push(group.files);
  return groups.filter((group) => group.length >= Math.max(2, minFiles));
}

async function joinAll(
  target: Target,
  base: Snapshot,
  groups: readonly (readonly DataFile[])[],
  options: CompactOptions,
): Promise<StagedFiles> {
  const files: DescribedFile[] = [];
  try {
    for (const group of groups) {
      const staged = await joinGroup(target, base, group, options);
      files.push(...staged.files.map((file) => ({ ...file, tags: group[0]?.tags ?? {} })));
      checkRows(base.dataset, group, staged.rows);
    }
  } catch (error) {
    await discardFiles(target, files);
    throw error;
  }
  const rows = files.reduce((sum, file) => sum + (file.rows ?? 0), 0);
  return { dataset: base.dataset, columns: base.columns, partitionBy: base.partitionBy, files, rows };
}

/** One thread keeps the order of the rows. */
function joinGroup(
  target: Target,
  base: Snapshot,
  group: readonly DataFile[],
  options: CompactOptions,
): Promise<StagedFiles> {
  return stageFiles(target, {
    select: `SELECT * FROM ${readExpression(target.store, base, { files: group })}`,
    columns: base.columns,
    partitionBy: base.partitionBy,
    settings: { max_threads: 1 },
    taskId: options.taskId,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

function checkRows(dataset: string, group: readonly DataFile[], after: number): void {
  const before = group.reduce((sum, file) => sum + (file.rows ?? Number.NaN), 0);
  if (Number.isNaN(before) || before === after) return;
  throw new ShoplakeError(
    "internal",
    `joining ${group.length} files gave ${after} rows instead of ${before}`,
    {
      where: dataset,
    },
  );
}

function discardFiles({ store, folder }: Target, files: readonly DataFile[]): Promise<void> {
  return removeAll(
    store,
    files.map((file) => `${folder}/${decodePath(file.path)}`),
  );
}
