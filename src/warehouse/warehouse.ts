/**
 * Gold datasets as MergeTree tables, published by swapping whole tables.
 *
 * A version is staged as `staging.<dataset>@<task>`: built new, or cloned from the live table (no bytes are copied) with the
 * stale partitions replaced on the clone. What it was built from is written in the table's own comment, so one `EXCHANGE TABLES`
 * publishes rows and record together; there is no second place that could disagree.
 */
import type { Column, Engine } from "../engine/engine.ts";
import { ident, table } from "../engine/sql.ts";
import { ShoplakeError } from "../util/errors.ts";
import { databaseOf, nameOf, stagedName, staging } from "./names.ts";
import { drop, dropStaged, type StagedTable, type StageRequest, stage } from "./stage.ts";
import {
  liveVersion,
  type RowCounts,
  setComment,
  type VersionMemory,
  versionIdOf,
  versionMemory,
  type WarehouseVersion,
} from "./version-record.ts";

/** One gold dataset. Whoever writes holds its lease. */
export interface WarehouseTable {
  /** Full name: "gold.fact_daily_sales". */
  readonly dataset: string;
  /** As this process knows it; `versions()` looks again. undefined: not published yet. */
  current(): Promise<WarehouseVersion | undefined>;
  /** Of the live table; [] when there is none. */
  columns(): Promise<readonly Column[]>;
  /** Writes the next version where no reader looks. Nothing is left when it fails. */
  stage(request: StageRequest): Promise<StagedTable>;
  /** One atomic step. Publishing the same task twice changes nothing. Throws `conflict` when another was faster. */
  publish(staged: StagedTable, counts: RowCounts): Promise<void>;
  /** Records new input versions without touching rows: nothing that the model reads has changed. */
  acknowledge(version: WarehouseVersion): Promise<void>;
  /** Drops what a task staged; nothing happens when there is nothing. */
  discard(taskId: string): Promise<void>;
}

/** All gold tables of an engine. */
export interface Warehouse {
  /** Asks the engine nothing yet. */
  table(dataset: string): WarehouseTable;
  /** Versions of all published tables: one query. */
  versions(): Promise<ReadonlyMap<string, WarehouseVersion>>;
  /** Drops what tasks of this dataset staged and left, but for those that `keeps` says may still publish it. Gives the number. */
  clean(dataset: string, keeps: (taskId: string) => Promise<boolean>): Promise<number>;
}

interface Place {
  readonly engine: Engine;
  readonly dataset: string;
  readonly memory: VersionMemory;
}

/** Creates the databases that the warehouse needs. Cheap when they exist. */
export async function openWarehouse(engine: Engine): Promise<Warehouse> {
  for (const database of ["gold", staging])
    await engine.command(`CREATE DATABASE IF NOT EXISTS ${ident(database)}`);
  const memory = versionMemory(engine);
  return {
    table: (dataset) => openTable({ engine, dataset, memory }),
    versions: memory.look,
    clean: (dataset, keeps) => dropStaged(engine, `${nameOf(dataset)}@`, keeps),
  };
}

function openTable(place: Place): WarehouseTable {
  const { engine, dataset, memory } = place;
  return {
    dataset,
    current: async () => (await memory.known()).get(dataset),
    columns: () => columnsOf(engine, dataset),
    stage: (request) => stage(place, request),
    publish: (staged, counts) => publish(place, staged, counts),
    async acknowledge(version) {
      const live = await liveVersion(engine, dataset);
      if (live?.taskId !== version.taskId) throw await outdated(place, live?.version ?? 0, version.version);
      await setComment(engine, dataset, version);
      (await memory.known()).set(dataset, version);
    },
    discard: (taskId) => drop(engine, stagedName(dataset, taskId)),
  };
}

async function columnsOf(engine: Engine, dataset: string): Promise<readonly Column[]> {
  return engine.rows<Column>(
    "SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {name:String} ORDER BY position",
    { params: { database: databaseOf(dataset), name: nameOf(dataset) } },
  );
}

async function publish(place: Place, staged: StagedTable, counts: RowCounts): Promise<void> {
  const { engine, dataset, memory } = place;
  const lost = counts.rejected + counts.deduplicated > 0;
  const version = lost ? { ...staged.version, counts } : staged.version;
  if (lost) await setComment(engine, staged.table, version);
  const live = await liveVersion(engine, dataset);
  if (live?.taskId === version.taskId) return;
  if ((live && versionIdOf(live)) !== staged.base)
    throw await outdated(place, live?.version ?? 0, version.version);
  if (live === undefined) await engine.command(`RENAME TABLE ${table(staged.table)} TO ${table(dataset)}`);
  else await engine.command(`EXCHANGE TABLES ${table(dataset)} AND ${table(staged.table)}`);
  (await memory.known()).set(dataset, version);
  if (live !== undefined) await drop(engine, staged.table);
}

/** Another process has published: what it published is looked up for the next attempt. */
async function outdated({ dataset, memory }: Place, live: number, staged: number): Promise<ShoplakeError> {
  await memory.look();
  return new ShoplakeError(
    "conflict",
    `${dataset} is at version ${live}, which is not the one that version ${staged} was staged on`,
    {
      where: dataset,
      hint: "Another run published in the meantime; run again.",
      retryable: true,
    },
  );
}
