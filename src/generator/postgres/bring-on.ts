/** Brings a shop in PostgreSQL one day on, in one transaction. */
import type pg from "pg";
import { ShoplakeError } from "../../util/errors.ts";
import { pgIdent } from "../../util/postgres.ts";
import { recordAfter } from "../record.ts";
import { simulateDay } from "../simulate.ts";
import { type ShopTable, shopTables } from "../tables/index.ts";
import type { Loaded, LoadOptions } from "../target.ts";
import { copyRows } from "./copy-rows.ts";
import { placeOf, recordIn, type ShopDatabase, withPostgres } from "./load.ts";
import { writeRecord } from "./tables.ts";

/**
 * Inserts and updates the rows of the day after the last one that the database holds; gives how many, or undefined when `until` is there
 * already. Throws a `usage` error for a later day, or when there is no shop.
 */
export async function bringPostgresOn(
  database: ShopDatabase,
  until: string,
  options: LoadOptions = {},
): Promise<Loaded | undefined> {
  const where = placeOf(database);
  return withPostgres(database, async (client) => {
    await client.query("BEGIN");
    // One at a time: a second one waits here and then finds the day done.
    await client.query("SELECT pg_advisory_xact_lock(hashtext('shoplake generate'))");
    const record = await recordIn(client, where);
    if (record === undefined)
      throw new ShoplakeError("usage", "there is no shop yet that could be brought on", {
        where,
        hint: "load one first: shoplake generate",
      });
    const next = recordAfter(record, until, where);
    if (next === undefined) return undefined;
    const rows: Record<string, number> = {};
    for (const table of shopTables(simulateDay(next)))
      rows[table.name] = await upsert(client, table, options);
    await writeRecord(client, next);
    await client.query("COMMIT");
    return { rows };
  });
}

async function upsert(
  client: pg.Client,
  table: ShopTable,
  { signal, onProgress }: LoadOptions,
): Promise<number> {
  const [target, staged] = [pgIdent(table.name), pgIdent(`new_${table.name}`)];
  const columns = Object.keys(table.columns);
  await client.query(`CREATE TEMP TABLE ${staged} (LIKE ${target}) ON COMMIT DROP`);
  const rows = await copyRows(client, {
    into: staged,
    columns,
    rows: table.rows(),
    signal,
    onRows: onProgress && ((count) => onProgress({ table: table.name, rows: count })),
  });
  const names = columns.map(pgIdent).join(", ");
  const updates = columns.map((name) => `${pgIdent(name)} = excluded.${pgIdent(name)}`).join(", ");
  await client.query(
    `INSERT INTO ${target} (${names}) SELECT ${names} FROM ${staged}
     ON CONFLICT (${pgIdent(table.key)}) DO UPDATE SET ${updates}`,
  );
  return rows;
}
