/**
 * Gold datasets as MergeTree tables, published by swapping whole tables.
 *
 * A version is staged as `staging.<dataset>@<task>`: built new, or cloned from the live table (no bytes are copied) with the
 * stale partitions replaced on the clone. What it was built from stands in the table's own comment, so one `EXCHANGE TABLES`
 * publishes rows and record together; there is no second place that could disagree.
 */
import type { Column, Engine, QueryOptions } from "../engine/engine.ts";
import { ident, idents, table, text } from "../engine/sql.ts";
import { ShoplakeError } from "../util/errors.ts";

/** The record in a table's comment. */
export interface WarehouseVersion {
  readonly version: number;
  readonly taskId: string;
  readonly runId: string;
  /** Hash of the model's text, rules and engine. */
  readonly fingerprint: number;
  /** Versions of the datasets it was built from. */
  readonly inputs: Readonly<Record<string, number>>;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
  /** Whether everything was rebuilt. */
  readonly mode: "full" | "increment";
  /** What became of the rows that were read; undefined: all of them were published. */
  readonly counts?: RowCounts;
}

export interface RowCounts {
  readonly read: number;
  readonly published: number;
  readonly rejected: number;
  readonly deduplicated: number;
}

export interface StageRequest {
  /** What the table says of itself once it is published. */
  readonly version: WarehouseVersion;
  /** Yields exactly `columns`. */
  readonly select: string;
  readonly columns: readonly Column[];
  readonly partitionBy: string | undefined;
  readonly orderBy: readonly string[];
  /** `all`: a new table; otherwise a clone of the live one, less the partitions whose value (as text) is named. */
  readonly replaces: "none" | "all" | { readonly partitions: readonly string[] };
  readonly options: QueryOptions;
}

export interface StagedTable {
  /** Full name: "staging.fact_daily_sales@<task>". */
  readonly table: string;
  /** Rows of the whole future version. */
  readonly rows: number;
  readonly written: number;
  readonly version: WarehouseVersion;
}

export interface WarehouseTable {
  readonly dataset: string;
  /** As this process knows it; `versions()` looks again. undefined: not published yet. */
  current(): Promise<WarehouseVersion | undefined>;
  columns(): Promise<readonly Column[]>;
  stage(request: StageRequest): Promise<StagedTable>;
  /** One atomic step. Publishing the same task twice changes nothing. Throws `conflict` when another was faster. */
  publish(staged: StagedTable, counts: RowCounts): Promise<void>;
  /** Records new input versions without touching rows: nothing that the model reads has changed. */
  acknowledge(version: WarehouseVersion): Promise<void>;
  discard(taskId: string): Promise<void>;
}

export interface Warehouse {
  table(dataset: string): WarehouseTable;
  /** Versions of all published tables: one query. */
  versions(): Promise<ReadonlyMap<string, WarehouseVersion>>;
  /** Drops what dead tasks of this dataset left. */
  clean(dataset: string): Promise<number>;
}

const staging = "staging";

interface Place {
  readonly engine: Engine;
  readonly dataset: string;
  /** Versions of all published tables, as far as this process knows; `look` asks the engine. */
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
    clean: (dataset) => dropStaged(engine, `${nameOf(dataset)}@`),
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
      const live = await liveVersion(place);
      if (live?.taskId !== version.taskId) throw await outdated(place, live?.version ?? 0, version.version);
      await setComment(engine, dataset, version);
      (await memory.known()).set(dataset, version);
    },
    discard: (taskId) => drop(engine, stagedName(dataset, taskId)),
  };
}

interface VersionMemory {
  known(): Promise<Map<string, WarehouseVersion>>;
  look(): Promise<Map<string, WarehouseVersion>>;
}

/** One query for all tables instead of one for each: a run asks for every version several times. */
function versionMemory(engine: Engine): VersionMemory {
  let versions: Promise<Map<string, WarehouseVersion>> | undefined;
  const look = (): Promise<Map<string, WarehouseVersion>> => {
    versions = publishedVersions(engine);
    return versions;
  };
  return { look, known: () => versions ?? look() };
}

async function publishedVersions(engine: Engine): Promise<Map<string, WarehouseVersion>> {
  const rows = await engine.rows<{ name: string; comment: string }>(
    "SELECT name, comment FROM system.tables WHERE database = 'gold' AND engine LIKE '%MergeTree'",
  );
  return new Map(rows.map((row) => [`gold.${row.name}`, parseComment(`gold.${row.name}`, row.comment)]));
}

async function liveVersion({ engine, dataset }: Place): Promise<WarehouseVersion | undefined> {
  const [row] = await engine.rows<{ comment: string }>(
    "SELECT comment FROM system.tables WHERE database = {database:String} AND name = {name:String}",
    { params: { database: databaseOf(dataset), name: nameOf(dataset) } },
  );
  return row && parseComment(dataset, row.comment);
}

async function columnsOf(engine: Engine, dataset: string): Promise<readonly Column[]> {
  return engine.rows<Column>(
    "SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {name:String} ORDER BY position",
    { params: { database: databaseOf(dataset), name: nameOf(dataset) } },
  );
}

/** Nothing is left when it fails. */
async function stage(place: Place, request: StageRequest): Promise<StagedTable> {
  try {
    return await (request.replaces === "all" ? stageNew : stageClone)(place, request);
  } catch (error) {
    await drop(place.engine, stagedName(place.dataset, request.version.taskId)).catch(() => undefined);
    throw error;
  }
}

async function drop(engine: Engine, name: string): Promise<void> {
  await engine.command(`DROP TABLE IF EXISTS ${table(name)}`);
}

async function stageNew({ engine, dataset }: Place, request: StageRequest): Promise<StagedTable> {
  const name = stagedName(dataset, request.version.taskId);
  await engine.command(createTable(name, request));
  const written = await fill(engine, name, request);
  return { table: name, rows: written, written, version: request.version };
}

async function stageClone({ engine, dataset }: Place, request: StageRequest): Promise<StagedTable> {
  const name = stagedName(dataset, request.version.taskId);
  const stale = typeof request.replaces === "string" ? [] : request.replaces.partitions;
  await engine.command(`CREATE TABLE ${table(name)} CLONE AS ${table(dataset)}`);
  await setComment(engine, name, request.version);
  const ids = await engine.rows<{ id: string }>(
    `SELECT DISTINCT _partition_id AS id FROM ${table(name)} WHERE ifNull(toString(${request.partitionBy ?? "''"}), '') IN ({stale:Array(String)})`,
    { params: { stale } },
  );
  const drops = ids.map(({ id }) => `DROP PARTITION ID ${text(id)}`);
  if (drops.length > 0) await engine.command(`ALTER TABLE ${table(name)} ${drops.join(", ")}`);
  const written = await fill(engine, name, request);
  const [total] = await engine.rows<{ rows: string }>(`SELECT count() AS rows FROM ${table(name)}`);
  return { table: name, rows: Number(total?.rows ?? 0), written, version: request.version };
}

/** Sorting a quarter of the engine's usual blocks takes less time and memory, and makes hardly more parts. */
const fillSettings = {
  max_partitions_per_insert_block: 0,
  min_insert_block_size_rows: 262_144,
  min_insert_block_size_bytes: 67_108_864,
} as const;

/** Gives the number of rows written. */
async function fill(engine: Engine, name: string, request: StageRequest): Promise<number> {
  const columns = idents(request.columns.map((column) => column.name));
  const { writtenRows } = await engine.command(
    `INSERT INTO ${table(name)} (${columns}) SELECT ${columns} FROM (\n${request.select}\n)`,
    { ...request.options, settings: { ...fillSettings, ...request.options.settings } },
  );
  return writtenRows;
}

function createTable(name: string, request: StageRequest): string {
  const columns = request.columns.map((column) => `${ident(column.name)} ${column.type}`).join(", ");
  const partition = request.partitionBy === undefined ? "" : ` PARTITION BY ${request.partitionBy}`;
  const order = request.orderBy.length === 0 ? "tuple()" : `(${idents(request.orderBy)})`;
  return `CREATE TABLE ${table(name)} (${columns}) ENGINE = MergeTree${partition} ORDER BY ${order} SETTINGS allow_nullable_key = 1 COMMENT ${text(comment(request.version))}`;
}

async function publish(place: Place, staged: StagedTable, counts: RowCounts): Promise<void> {
  const { engine, dataset, memory } = place;
  const lost = counts.rejected + counts.deduplicated > 0;
  const version = lost ? { ...staged.version, counts } : staged.version;
  if (lost) await setComment(engine, staged.table, version);
  const live = await liveVersion(place);
  if (live?.taskId === version.taskId) return;
  if ((live?.version ?? 0) !== version.version - 1)
    throw await outdated(place, live?.version ?? 0, version.version);
  if (live === undefined) await engine.command(`RENAME TABLE ${table(staged.table)} TO ${table(dataset)}`);
  else await engine.command(`EXCHANGE TABLES ${table(dataset)} AND ${table(staged.table)}`);
  (await memory.known()).set(dataset, version);
  if (live !== undefined) await drop(engine, staged.table);
}

async function setComment(engine: Engine, name: string, version: WarehouseVersion): Promise<void> {
  await engine.command(`ALTER TABLE ${table(name)} MODIFY COMMENT ${text(comment(version))}`);
}

/** Another process has published: what it published is looked up for the next attempt. */
async function outdated({ dataset, memory }: Place, live: number, staged: number): Promise<ShoplakeError> {
  await memory.look();
  return new ShoplakeError(
    "conflict",
    `${dataset} is at version ${live}, but version ${staged} was staged on ${staged - 1}`,
    {
      where: dataset,
      hint: "Another run published in the meantime; run again.",
      retryable: true,
    },
  );
}

async function dropStaged(engine: Engine, prefix: string): Promise<number> {
  const rows = await engine.rows<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = {staging:String} AND startsWith(name, {prefix:String})",
    { params: { staging, prefix } },
  );
  for (const { name } of rows) await drop(engine, `${staging}.${name}`);
  return rows.length;
}

function comment(version: WarehouseVersion): string {
  return JSON.stringify({ shoplake: version });
}

function parseComment(dataset: string, value: string): WarehouseVersion {
  try {
    const parsed = JSON.parse(value) as { shoplake?: WarehouseVersion };
    if (parsed.shoplake) return parsed.shoplake;
  } catch {}
  throw new ShoplakeError(
    "engine",
    `table ${dataset} was not made by this platform: its comment has no record`,
    {
      where: dataset,
      allowed: "Tables of the database gold are written by models only.",
      hint: `Move the table to another database, or drop it: DROP TABLE ${dataset}`,
    },
  );
}

const databaseOf = (dataset: string): string => dataset.slice(0, dataset.indexOf("."));
const nameOf = (dataset: string): string => dataset.slice(dataset.indexOf(".") + 1);
const stagedName = (dataset: string, taskId: string): string => `${staging}.${nameOf(dataset)}@${taskId}`;
