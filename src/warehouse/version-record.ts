/** The record of a version: JSON in the comment of the table that holds its rows. */
import type { Engine } from "../engine/engine.ts";
import { table, text } from "../engine/sql.ts";
import { ShoplakeError } from "../util/errors.ts";
import { databaseOf, nameOf } from "./names.ts";

/** What a published table says of itself. Part of the format on disk. */
export interface WarehouseVersion {
  /** For people and for the order of versions; it comes back with other rows after a restore. What a version is, `versionIdOf` says. */
  readonly version: number;
  /** The task that published it: no other version has it. */
  readonly taskId: string;
  /** The run that the task was part of. */
  readonly runId: string;
  /** Hash of the model's text, rules and engine. */
  readonly fingerprint: number;
  /** Version numbers of the datasets it was built from. */
  readonly inputs: Readonly<Record<string, number>>;
  /** By the same names, 52 bits of each version's id. Default: recorded by release 0.1.0, which kept numbers only. */
  readonly inputMarks?: Readonly<Record<string, number>>;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
  /** Whether everything was rebuilt. */
  readonly mode: "full" | "increment";
  /** What became of the rows that were read; undefined: all of them were published. */
  readonly counts?: RowCounts;
}

/**
 * Names the version of a table: opaque, compared whole. Two versions with the same id hold the same rows, whatever became of the table
 * in between.
 */
export function versionIdOf({ taskId, version }: Pick<WarehouseVersion, "taskId" | "version">): string {
  return `gold/${taskId}@${version}`;
}

/** What became of the rows that a task read. */
export interface RowCounts {
  /** The sum of the other three. */
  readonly read: number;
  /** Rows that went into the table. */
  readonly published: number;
  /** Rows that went into quarantine. */
  readonly rejected: number;
  /** Rows that gave way to a newer one of the same key. */
  readonly deduplicated: number;
}

/** Versions of all published tables, as far as this process knows; `look` asks the engine. */
export interface VersionMemory {
  /** Asks the engine the first time only. By dataset. */
  known(): Promise<Map<string, WarehouseVersion>>;
  /** Asks the engine and remembers the answer. By dataset. */
  look(): Promise<Map<string, WarehouseVersion>>;
}

/** One query for all tables instead of one for each: a run asks for every version several times. */
export function versionMemory(engine: Engine): VersionMemory {
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

/** What is published now; asks the engine. */
export async function liveVersion(engine: Engine, dataset: string): Promise<WarehouseVersion | undefined> {
  const [row] = await engine.rows<{ comment: string }>(
    "SELECT comment FROM system.tables WHERE database = {database:String} AND name = {name:String}",
    { params: { database: databaseOf(dataset), name: nameOf(dataset) } },
  );
  return row && parseComment(dataset, row.comment);
}

/** Replaces the record of a table that exists already. */
export async function setComment(engine: Engine, name: string, version: WarehouseVersion): Promise<void> {
  await engine.command(`ALTER TABLE ${table(name)} MODIFY COMMENT ${text(comment(version))}`);
}

/** The text that keeps a record; other keys beside `shoplake` are left to others. */
export function comment(version: WarehouseVersion): string {
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
