/** One dataset of the lake: a Delta table. */
import { ShoplakeError } from "../../util/errors.ts";
import { decodePath } from "../partition.ts";
import { type ReadOptions, readExpression } from "../read.ts";
import { openVersion, requireFiles } from "../readable.ts";
import { type StagedFiles, type StageInput, stageFiles } from "../stage.ts";
import type { TableChange } from "./change.ts";
import { type Changes, changesBetween } from "./changes.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { commitChange, isInDoubt } from "./commit.ts";
import { type CompactOptions, type CompactResult, compactFiles } from "./compact.ts";
import { type HistoryEntry, readHistory, restoreVersion } from "./history.ts";
import { checkWritable, type Snapshot, snapshotOf } from "./snapshot.ts";
import { checkpointed, checkpointVersion, type TableState } from "./state.ts";
import type { TableContext, TableMemory } from "./table-memory.ts";
import {
  cleanOrphanFiles,
  type OrphanOptions,
  retentionMs,
  type VacuumOptions,
  type VacuumResult,
  vacuumTable,
} from "./vacuum.ts";

/** Everything that can be done with one table. Whoever writes holds the dataset's lease. */
export interface LakeTable {
  /** "silver.orders" */
  readonly dataset: string;
  /**
   * The newest version, or an older one; undefined when there is no such table. The newest is cached: asking again costs
   * one small read when nothing happened. Throws `lake` when an older version cannot be rebuilt any more.
   */
  snapshot(version?: number): Promise<Snapshot | undefined>;
  /** Writes data files that no reader sees yet; their rows are counted in the files. Nothing is left when it fails. */
  stage(input: StageInput): Promise<StagedFiles>;
  /**
   * One atomic, durable commit. When others committed in between and the change still holds, it is committed on top of
   * theirs; else a retryable `conflict` error, and nothing happened. An `io` error: it is not known whether it happened.
   */
  commit(change: TableChange): Promise<Snapshot>;
  /** Deletes staged files that will not be committed. Files of a commit with unknown outcome are kept. */
  discard(staged: StagedFiles): Promise<void>;
  /** `(SELECT ...)` for FROM: exactly these files with the original types; an error when one is missing; works for none. */
  read(snapshot: Snapshot, options?: ReadOptions): string;
  /**
   * Before an older version is read for a person: throws `lake` when vacuum has deleted files of it, with the versions that can
   * still be read. Costs a listing.
   */
  requireFiles(snapshot: Snapshot): Promise<void>;
  /**
   * Files that came and went in the versions `from + 1` to `to`; undefined when that cannot be told any more, or when `isBase` says
   * that the version `from` with this id is not the one that is meant (the table was restored or made anew since). Default of
   * `isBase`: the number is enough.
   */
  changes(from: number, to: number, isBase?: (id: string) => boolean): Promise<Changes | undefined>;
  /** Newest first. Ends where the log was cleaned. Default limit 100. */
  history(limit?: number): Promise<HistoryEntry[]>;
  /**
   * A new version with the rows, columns and positions of an older one, so that what came later is read again by the next
   * run. Throws `lake` when its data files are gone, `conflict` when another writer is faster.
   */
  restore(version: number, taskId: string): Promise<Snapshot>;
  /**
   * Writes a checkpoint of the newest version now; commits do it by themselves every 20 to 100 versions. Throws `unsupported`
   * for tables that cannot be written.
   */
  checkpoint(): Promise<void>;
  /** Joins small files of a partition into larger ones: the same rows, seen by no reader of changes. */
  compact(options: CompactOptions): Promise<CompactResult>;
  /** Deletes data files that no version within the retention needs, and log files that a checkpoint replaced. */
  vacuum(options?: VacuumOptions): Promise<VacuumResult>;
  /** Deletes data files that never got into the log: what dead tasks left. Returns their keys. */
  cleanOrphans(options: OrphanOptions): Promise<string[]>;
}

/** The table over its memory; nothing is read before the first call. */
export function lakeTable(context: TableContext, memory: TableMemory): LakeTable {
  const { target } = memory;
  const { store } = context;
  const inDoubt = new WeakSet<StagedFiles>();
  return {
    dataset: target.dataset,
    async snapshot(version) {
      const newest = await memory.newest();
      if (newest === undefined || version === undefined || version === newest.version)
        return newest === undefined ? undefined : memory.snapshot(newest);
      return snapshotOf(target.dataset, await openVersion(target, newest, version));
    },
    stage: (input) => stageFiles(target, input),
    async commit(change) {
      try {
        const state = memory.learn(await commitChange(target, change));
        return memory.snapshot(await keepCheckpointed(context, memory, state));
      } catch (error) {
        if (change.add !== undefined && isInDoubt(error)) inDoubt.add(change.add);
        throw error;
      }
    },
    async discard(staged) {
      if (inDoubt.has(staged)) return;
      for (const file of staged.files) await store.remove(`${target.folder}/${decodePath(file.path)}`);
    },
    read: (snapshot, options) => readExpression(store, snapshot, options),
    async requireFiles({ log }) {
      const newest = await memory.newest();
      if (newest !== undefined) await requireFiles(target, newest, log);
    },
    async changes(from, to, isBase) {
      const head = await memory.newest();
      return head === undefined ? undefined : changesBetween(target, { from, to, isBase }, head);
    },
    async checkpoint() {
      const state = await memory.newest();
      if (state !== undefined && checkpointVersion(state) < state.version)
        await checkpointNow(context, memory, state);
    },
    ...historyOf(context, memory),
    ...maintenanceOf(context, memory),
  };
}

function historyOf(context: TableContext, memory: TableMemory): Pick<LakeTable, "history" | "restore"> {
  const { target } = memory;
  return {
    async history(limit = 100) {
      const head = await memory.newest();
      return head === undefined ? [] : readHistory(target, head, limit);
    },
    async restore(version, taskId) {
      const head = requireTable(await memory.newest(), target.dataset);
      const state = memory.learn(await restoreVersion(target, head, { version, taskId }));
      return memory.snapshot(await keepCheckpointed(context, memory, state));
    },
  };
}

function maintenanceOf(
  context: TableContext,
  memory: TableMemory,
): Pick<LakeTable, "compact" | "vacuum" | "cleanOrphans"> {
  const { target } = memory;
  return {
    async compact(options) {
      const head = requireTable(await memory.newest(), target.dataset);
      const { state, result } = await compactFiles(target, memory.snapshot(head), options);
      if (state !== undefined) await keepCheckpointed(context, memory, memory.learn(state));
      return result;
    },
    vacuum: async (options) =>
      vacuumTable(target, requireTable(await memory.reopen(), target.dataset), options),
    cleanOrphans: async (options) => cleanOrphanFiles(target, await memory.reopen(), options),
  };
}

function requireTable(state: TableState | undefined, dataset: string): TableState {
  if (state !== undefined) return state;
  throw new ShoplakeError("lake", `there is no table ${dataset} in the lake yet`, {
    where: dataset,
    hint: "run the pipeline first; shoplake show lists what is there",
  });
}

/** A checkpoint of many thousands of files costs more: it is written less often, so that appends stay flat. */
function checkpointInterval({ checkpointEvery }: TableContext, state: TableState): number {
  return checkpointEvery * Math.min(5, Math.max(1, Math.ceil(state.base.count / 5000)));
}

async function keepCheckpointed(
  context: TableContext,
  memory: TableMemory,
  state: TableState,
): Promise<TableState> {
  if (state.version - Math.max(checkpointVersion(state), 0) < checkpointInterval(context, state))
    return state;
  try {
    return await checkpointNow(context, memory, state);
  } catch (error) {
    context.warn(`no checkpoint of ${memory.target.dataset} at version ${state.version}: ${String(error)}`);
    memory.forget();
    return state;
  }
}

async function checkpointNow(
  context: TableContext,
  memory: TableMemory,
  state: TableState,
): Promise<TableState> {
  checkWritable(memory.target.dataset, state.protocol, state);
  const keepRemovedSince = context.clock().getTime() - retentionMs(state);
  const { folder } = memory.target;
  const checkpoint = await writeCheckpoint(context.engine, context.store, {
    folder,
    state,
    keepRemovedSince,
  });
  return memory.learn(checkpointed(state, checkpoint));
}
