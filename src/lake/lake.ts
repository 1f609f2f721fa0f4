/** The lake: Delta tables in folders of one store, "silver.orders" in silver/orders. */
import type { Engine } from "../engine/engine.ts";
import { ShoplakeError } from "../util/errors.ts";
import { type LakeTable, lakeTable } from "./delta/table.ts";
import { type TableMemory, tableMemory } from "./delta/table-memory.ts";
import type { LakeStore } from "./store/store.ts";

export type { Removal, TableChange } from "./delta/change.ts";
export type { Changes } from "./delta/changes.ts";
export type { HistoryEntry } from "./delta/history.ts";
export type { Snapshot } from "./delta/snapshot.ts";
export type { DataFile } from "./delta/state.ts";
export type { LakeTable } from "./delta/table.ts";
export type { ReadOptions } from "./read.ts";
export type { StagedFiles, StageInput } from "./stage.ts";

/** What a lake works with. */
export interface LakeOptions {
  /** Where the tables are. */
  readonly store: LakeStore;
  /** Reads and writes Parquet. */
  readonly engine: Engine;
  /** Times noted in the log. */
  readonly clock: () => Date;
  /** Versions between two automatic checkpoints of a table. Default 20. */
  readonly checkpointEvery?: number;
  /** Is told of work that failed and will be tried again (checkpoints). Default: nobody. */
  readonly warn?: (message: string) => void;
}

/** All Delta tables of a project. */
export interface Lake {
  /** Also keeps what has to live beside the data: leases and owners. */
  readonly store: LakeStore;
  /** The same object for the same name; nothing is read yet. Throws `lake` for an impossible name. */
  table(dataset: string): LakeTable;
  /** Names of all tables, sorted. */
  datasets(): Promise<string[]>;
  /**
   * Tells that time has passed: whoever restored a backup or removed a folder in the meantime is noticed. Every table that is
   * known looks once, when it is asked for next, whether its newest commit is still there: one small read.
   */
  recheck(): void;
}

/** Reads and writes nothing yet. */
export function openLake(options: LakeOptions): Lake {
  const { store } = options;
  const tables = new Map<string, LakeTable>();
  const memories: TableMemory[] = [];
  const context = {
    ...options,
    checkpointEvery: options.checkpointEvery ?? 20,
    warn: options.warn ?? (() => {}),
  };
  return {
    store,
    table(dataset) {
      const known = tables.get(dataset);
      if (known !== undefined) return known;
      checkName(dataset);
      const memory = tableMemory(context, dataset);
      memories.push(memory);
      const opened = lakeTable(context, memory);
      tables.set(dataset, opened);
      return opened;
    },
    datasets: () => listDatasets(store),
    recheck() {
      for (const memory of memories) memory.doubt();
    },
  };
}

function checkName(dataset: string): void {
  if (!/^[a-z][a-z0-9_]*\.[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(dataset))
    throw new ShoplakeError("lake", `"${dataset}" cannot be a dataset`, {
      allowed: "<layer>.<name> of letters, digits, _ and -, e.g. silver.orders",
    });
}

/** Jumps from table to table: what follows a table's log is not listed. "0" is the byte after "/". */
async function listDatasets(store: LakeStore): Promise<string[]> {
  const names: string[] = [];
  let after: string | undefined = "";
  while (after !== undefined) {
    const folder: string | undefined = await nextTable(store, after);
    if (folder !== undefined) names.push(folder.replace("/", "."));
    after = folder === undefined ? undefined : `${folder}0`;
  }
  return names;
}

async function nextTable(store: LakeStore, after: string): Promise<string | undefined> {
  for await (const key of store.keys("", after)) {
    const match = /^([^/]+\/[^/]+)\/_delta_log\/\d{20}\./.exec(key);
    if (match !== null) return match[1];
  }
  return undefined;
}
