/** Puts a whole shop into a PostgreSQL database, in one transaction. */
import type pg from "pg";
import { ShoplakeError } from "../../util/errors.ts";
import {
  connectPostgres,
  type PostgresAccess,
  pgIdent,
  postgresError,
  postgresPlace,
} from "../../util/postgres.ts";
import type { ShopPlan } from "../plan.ts";
import type { ShopRecord } from "../record.ts";
import { simulate } from "../simulate.ts";
import { type ShopTable, shopTables } from "../tables/index.ts";
import type { Loaded, LoadOptions } from "../target.ts";
import { copyRows } from "./copy-rows.ts";
import { createTable, declareKey, declareRules, readRecord, tablesPresent, writeRecord } from "./tables.ts";

/** A database for the shop: its URL, or with what a `postgres` source takes as `tls`. */
export type ShopDatabase = string | Pick<PostgresAccess, "url" | "tls">;

/** "host:port/database", for messages. */
export function placeOf(database: ShopDatabase): string {
  return postgresPlace(typeof database === "string" ? database : database.url);
}

/** undefined: the database holds no shop. Throws a `usage` error when it holds tables of these names that are none of ours. */
export async function shopInPostgres(database: ShopDatabase): Promise<ShopRecord | undefined> {
  return withPostgres(database, (client) => recordIn(client, placeOf(database)));
}

/** Loads the shop and gives the rows per table. Throws a `usage` error when the database holds a shop: nothing was changed then. */
export async function loadPostgres(
  database: ShopDatabase,
  plan: ShopPlan,
  options: LoadOptions = {},
): Promise<Loaded> {
  return withPostgres(database, async (client) => {
    const tables = shopTables(simulate({ ...plan, files: false }));
    const rows: Record<string, number> = {};
    await client.query("BEGIN");
    const where = placeOf(database);
    if ((await recordIn(client, where)) !== undefined)
      throw new ShoplakeError("usage", "the database holds a shop already", { where });
    for (const table of tables) await createTable(client, table);
    for (const table of tables) rows[table.name] = await load(client, table, options);
    for (const table of tables) await declareKey(client, table);
    for (const table of tables) await declareRules(client, table, plan.faults > 0);
    await writeRecord(client, { ...plan, files: false, loaded: plan.until });
    await client.query("COMMIT");
    await client.query(`ANALYZE ${tables.map(({ name }) => pgIdent(name)).join(", ")}`);
    return { rows };
  });
}

async function load(
  client: pg.Client,
  table: ShopTable,
  { signal, onProgress }: LoadOptions,
): Promise<number> {
  return copyRows(client, {
    into: pgIdent(table.name),
    columns: Object.keys(table.columns),
    rows: table.rows(),
    fresh: true,
    signal,
    onRows: onProgress && ((rows) => onProgress({ table: table.name, rows })),
  });
}

/** Runs it on a connection of its own; what PostgreSQL says becomes a ShoplakeError. */
export async function withPostgres<T>(
  database: ShopDatabase,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const access = typeof database === "string" ? { url: database } : database;
  const client = await connectPostgres({ ...access, retries: 2, role: "sink" });
  try {
    return await use(client);
  } catch (error) {
    throw postgresError(error, "sink", placeOf(database));
  } finally {
    await client.end().catch(() => {});
  }
}

/** undefined: the database holds no shop. Throws `usage` when it has other tables of these names; `where` names it in that error. */
export async function recordIn(client: pg.Client, where: string): Promise<ShopRecord | undefined> {
  const present = await tablesPresent(client);
  if (present.length === 0) return undefined;
  const record = present.includes("orders") ? await readRecord(client) : undefined;
  if (record !== undefined) return record;
  throw new ShoplakeError(
    "usage",
    `the database has other tables of these names: ${present.join(", ")}; nothing was changed`,
    {
      where,
      allowed: "a database without them, or one with a shop",
      hint: "create a database for the shop: CREATE DATABASE shop",
    },
  );
}
