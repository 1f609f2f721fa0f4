/** One dataset of the lake: a Delta table. */
import type { Engine } from "../engine/engine.ts";
import { isRetryable, ShoplakeError } from "../util/errors.ts";
import type { TableChange } from "./change.ts";
import { type Changes, changesBetween } from "./changes.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { type Committer, commitChange } from "./commit.ts";
import { openLog, openLogAt, refreshLog } from "./log.ts";
import { decodePath } from "./partition.ts";
import { folderOf, type ReadOptions, readExpression } from "./read.ts";
import { type Snapshot, snapshotOf } from "./snapshot.ts";
import { type StagedFiles, type StageInput, type StageTarget, stageFiles } from "./stage.ts";
import type { TableState } from "./state.ts";
import type { LakeStore } from "./store.ts";

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
  /** Files that came and went in the versions `from + 1` to `to`; undefined when that cannot be told any more. */
  changes(from: number, to: number): Promise<Changes | undefined>;
  /** Writes a checkpoint of the newest version now; commits do it by themselves every 20 versions. */
  checkpoint(): Promise<void>;
}

export interface TableContext {
  readonly engine: Engine;
  readonly store: LakeStore;
  readonly clock: () => Date;
  /** Versions between two automatic checkpoints. */
  readonly checkpointEvery: number;
  /** Hears of work that failed and can be repeated later (a checkpoint). */
  readonly warn: (message: string) => void;
}

/** How long tombstones stay in checkpoints: Delta's default, ms. */
const keepRemovedMs = 7 * 24 * 3600 * 1000;

/** The newest state a process knows of a table. Moves only forward. */
export interface TableMemory {
  readonly target: Committer & StageTarget;
  newest(): Promise<TableState | undefined>;
  learn(state: TableState): TableState;
  snapshot(state: TableState): Snapshot;
}

export function tableMemory(context: TableContext, dataset: string): TableMemory {
  const target = { ...context, dataset, folder: folderOf(dataset) };
  let known: TableState | undefined;
  let view: Snapshot | undefined;
  const learn = (state: TableState) => {
    if (known === undefined || state.version > known.version || state.checkpoint > known.checkpoint)
      known = state;
    return state;
  };
  return {
    target,
    learn,
    async newest() {
      const state = known === undefined ? await openLog(target) : await refreshLog(target, known);
      return state === undefined ? undefined : learn(state);
    },
    snapshot(state) {
      if (view?.log !== state) view = snapshotOf(dataset, state);
      return view;
    },
  };
}

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
      return snapshotOf(target.dataset, await openLogAt(target, version));
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
    async changes(from, to) {
      const head = await memory.newest();
      return head === undefined ? undefined : changesBetween(target, { from, to }, head);
    },
    async checkpoint() {
      const state = await memory.newest();
      if (state !== undefined && state.checkpoint < state.version)
        await checkpointNow(context, memory, state);
    },
  };
}

function isInDoubt(error: unknown): boolean {
  return isRetryable(error) && error instanceof ShoplakeError && error.code === "io";
}

async function keepCheckpointed(
  context: TableContext,
  memory: TableMemory,
  state: TableState,
): Promise<TableState> {
  if (state.version - Math.max(state.checkpoint, 0) < context.checkpointEvery) return state;
  try {
    return await checkpointNow(context, memory, state);
  } catch (error) {
    context.warn(`no checkpoint of ${memory.target.dataset} at version ${state.version}: ${String(error)}`);
    return state;
  }
}

async function checkpointNow(
  context: TableContext,
  memory: TableMemory,
  state: TableState,
): Promise<TableState> {
  const keepRemovedSince = context.clock().getTime() - keepRemovedMs;
  await writeCheckpoint(context.engine, context.store, {
    folder: memory.target.folder,
    state,
    keepRemovedSince,
  });
  return memory.learn({ ...state, checkpoint: state.version });
}
