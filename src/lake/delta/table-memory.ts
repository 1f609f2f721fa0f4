/** What a process remembers of one table, so that looking at it again costs one small read. */
import type { Engine } from "../../engine/engine.ts";
import { folderOf } from "../read.ts";
import type { StageTarget } from "../stage.ts";
import type { LakeStore } from "../store/store.ts";
import type { Committer } from "./commit.ts";
import { isStillThere, openLog, refreshLog } from "./log.ts";
import { type Snapshot, snapshotOf } from "./snapshot.ts";
import { checkpointVersion, type TableState } from "./state.ts";

/** What the tables of a lake share. */
export interface TableContext {
  /** Reads and writes Parquet. */
  readonly engine: Engine;
  /** Where all tables are. */
  readonly store: LakeStore;
  /** Times noted in the log. */
  readonly clock: () => Date;
  /** Versions between two automatic checkpoints; up to 5 times as many for tables of more than 5,000 files. */
  readonly checkpointEvery: number;
  /** Is told of work that failed and can be repeated later (a checkpoint). */
  readonly warn: (message: string) => void;
}

/** The newest state a process knows of a table. Moves only forward, but for `doubt`. */
export interface TableMemory {
  /** Where the table is. */
  readonly target: Committer & StageTarget;
  /** undefined: there is no such table. One small read when nothing has changed. */
  newest(): Promise<TableState | undefined>;
  /** The newest state over the newest checkpoint: of an older one the file may be cleaned away. */
  reopen(): Promise<TableState | undefined>;
  /** Begins anew with the next call of `newest`. */
  forget(): void;
  /** The next call of `newest` looks whether the commit it knows is still there, and begins anew when it is not: one small read. */
  doubt(): void;
  /** Remembers a state if it is newer, or has a newer checkpoint; returns it. */
  learn(state: TableState): TableState;
  /** The same object for the same state. */
  snapshot(state: TableState): Snapshot;
}

/** Nothing is read before the first call. */
export function tableMemory(context: TableContext, dataset: string): TableMemory {
  const target = { ...context, dataset, folder: folderOf(dataset) };
  let known: TableState | undefined;
  let view: Snapshot | undefined;
  let doubted: TableState | undefined;
  const learn = (state: TableState) => {
    if (
      known === undefined ||
      state.version > known.version ||
      checkpointVersion(state) > checkpointVersion(known)
    )
      known = state;
    return state;
  };
  const reopen = async () => {
    const state = await openLog(target);
    known = state;
    return state;
  };
  return {
    target,
    learn,
    reopen,
    forget() {
      known = undefined;
    },
    doubt() {
      doubted = known;
    },
    async newest() {
      const doubtful = doubted;
      doubted = undefined;
      if (doubtful !== undefined && !(await isStillThere(target, doubtful))) return reopen();
      return known === undefined ? reopen() : learn(await refreshLog(target, known));
    },
    snapshot(state) {
      if (view?.log !== state) view = snapshotOf(dataset, state);
      return view;
    },
  };
}
