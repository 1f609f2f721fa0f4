/** Makes the table of a version to come, where no reader looks. */
import type { Column, Engine, QueryOptions } from "../engine/engine.ts";
import { ident, idents, table, text } from "../engine/sql.ts";
import { stagedName, staging } from "./names.ts";
import { comment, setComment, type WarehouseVersion } from "./version-record.ts";

/** The version to make. */
export interface StageRequest {
  /** What the table says of itself once it is published. */
  readonly version: WarehouseVersion;
  /** Id of the version it was worked out from; undefined: nothing was published. */
  readonly base: string | undefined;
  /** Yields exactly `columns`. */
  readonly select: string;
  readonly columns: readonly Column[];
  /** SQL expression; undefined: one partition. */
  readonly partitionBy: string | undefined;
  /** Columns by which the rows are sorted; [] for none. */
  readonly orderBy: readonly string[];
  /** `all`: a new table; otherwise a clone of the live one, less the partitions whose value (as text) is named. */
  readonly replaces: "none" | "all" | { readonly partitions: readonly string[] };
  /** Parameters, settings and signal of the statement that runs `select`. */
  readonly options: QueryOptions;
}

/** A version that can be published. */
export interface StagedTable {
  /** Full name: "staging.fact_daily_sales@<task>". */
  readonly table: string;
  /** Rows of the whole future version. */
  readonly rows: number;
  /** Of those, rows that this task wrote. */
  readonly written: number;
  /** What the table says of itself. */
  readonly version: WarehouseVersion;
  /** Id of the version it was worked out from; undefined: nothing was published. */
  readonly base: string | undefined;
}

interface Place {
  readonly engine: Engine;
  readonly dataset: string;
}

/** Nothing is left when it fails. */
export async function stage(place: Place, request: StageRequest): Promise<StagedTable> {
  try {
    return await (request.replaces === "all" ? stageNew : stageClone)(place, request);
  } catch (error) {
    await drop(place.engine, stagedName(place.dataset, request.version.taskId)).catch(() => undefined);
    throw error;
  }
}

/** Nothing happens when there is no such table. */
export async function drop(engine: Engine, name: string): Promise<void> {
  await engine.command(`DROP TABLE IF EXISTS ${table(name)}`);
}

async function stageNew({ engine, dataset }: Place, request: StageRequest): Promise<StagedTable> {
  const name = stagedName(dataset, request.version.taskId);
  await engine.command(createTable(name, request));
  const written = await fill(engine, name, request);
  return { table: name, rows: written, written, version: request.version, base: request.base };
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
  const { version, base } = request;
  return { table: name, rows: Number(total?.rows ?? 0), written, version, base };
}

/**
 * Sorting a quarter of the engine's usual blocks takes less time and memory. With partitions it makes hardly more parts; without,
 * it would make so many that the engine begins to merge them.
 */
const smallBlocks = { min_insert_block_size_rows: 262_144, min_insert_block_size_bytes: 67_108_864 } as const;

/** Gives the number of rows written. */
async function fill(engine: Engine, name: string, request: StageRequest): Promise<number> {
  const columns = idents(request.columns.map((column) => column.name));
  const blocks = request.partitionBy === undefined ? {} : smallBlocks;
  const settings = { max_partitions_per_insert_block: 0, ...blocks, ...request.options.settings };
  const { writtenRows } = await engine.command(
    `INSERT INTO ${table(name)} (${columns}) SELECT ${columns} FROM (\n${request.select}\n)`,
    { ...request.options, settings },
  );
  return writtenRows;
}

function createTable(name: string, request: StageRequest): string {
  const columns = request.columns.map((column) => `${ident(column.name)} ${column.type}`).join(", ");
  const partition = request.partitionBy === undefined ? "" : ` PARTITION BY ${request.partitionBy}`;
  const order = request.orderBy.length === 0 ? "tuple()" : `(${idents(request.orderBy)})`;
  return `CREATE TABLE ${table(name)} (${columns}) ENGINE = MergeTree${partition} ORDER BY ${order} SETTINGS allow_nullable_key = 1 COMMENT ${text(comment(request.version))}`;
}

/** Drops every table of `staging` whose name begins so and goes on with the id of a task that `keeps` refuses. Gives their number. */
export async function dropStaged(
  engine: Engine,
  prefix: string,
  keeps: (taskId: string) => Promise<boolean>,
): Promise<number> {
  const rows = await engine.rows<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = {staging:String} AND startsWith(name, {prefix:String})",
    { params: { staging, prefix } },
  );
  let dropped = 0;
  for (const { name } of rows) {
    const [taskId = ""] = name.slice(prefix.length).split("@");
    if (await keeps(taskId)) continue;
    await drop(engine, `${staging}.${name}`);
    dropped++;
  }
  return dropped;
}
