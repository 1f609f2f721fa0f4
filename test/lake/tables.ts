/** Short ways to write and read tables in tests. */
import type { Column, Engine } from "../../src/engine/engine.ts";
import type { Removal } from "../../src/lake/delta/change.ts";
import type { Snapshot } from "../../src/lake/delta/snapshot.ts";
import type { LakeTable } from "../../src/lake/delta/table.ts";
import { type Lake, openLake } from "../../src/lake/lake.ts";
import type { StoreUnderTest } from "./stores.ts";

export function lakeOf(
  under: Pick<StoreUnderTest, "store" | "engine">,
  clock: () => Date = () => new Date(),
): Lake {
  return openLake({ store: under.store, engine: under.engine, clock });
}

export interface Write {
  readonly select: string;
  readonly columns: readonly Column[];
  readonly partitionBy?: string;
  readonly remove?: Removal;
  readonly positions?: Readonly<Record<string, number>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly taskId?: string;
  /** Default: the newest version. */
  readonly base?: Snapshot | undefined;
}

/** Stages and commits on top of the newest version. */
export async function write(table: LakeTable, change: Write): Promise<Snapshot> {
  const base = "base" in change ? change.base : await table.snapshot();
  const taskId = change.taskId ?? "t";
  const add = await table.stage({
    select: change.select,
    columns: change.columns,
    partitionBy: change.partitionBy,
    taskId,
  });
  return table.commit({
    base,
    add,
    remove: change.remove ?? "none",
    info: {},
    taskId,
    ...(change.positions === undefined ? {} : { positions: change.positions }),
    ...(change.tags === undefined ? {} : { tags: change.tags }),
  });
}

/** All rows of a version as text, sorted: equal tables give equal lists. */
export async function rowsOf(engine: Engine, table: LakeTable, snapshot?: Snapshot): Promise<string[]> {
  const version = snapshot ?? (await table.snapshot());
  if (version === undefined) return [];
  const rows = await engine.rows(`SELECT * FROM ${table.read(version)}`);
  return rows.map((row) => JSON.stringify(row)).sort();
}

/** One column of a version, sorted as numbers. */
export async function idsOf(engine: Engine, table: LakeTable, snapshot?: Snapshot): Promise<number[]> {
  const version = snapshot ?? (await table.snapshot());
  if (version === undefined) return [];
  const rows = await engine.rows<{ id: string | number }>(`SELECT id FROM ${table.read(version)}`);
  return rows.map((row) => Number(row.id)).sort((a, b) => a - b);
}
