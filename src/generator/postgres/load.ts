/** Puts a whole shop into a PostgreSQL database, in one transaction. */
import type pg from "pg";
import { ShoplakeError } from "../../util/errors.ts";
import { connectPostgres, pgIdent, postgresError, postgresPlace } from "../../util/postgres.ts";
import type { ShopPlan } from "../plan.ts";
import type { ShopRecord } from "../record.ts";
import { simulate } from "../simulate.ts";
import { type ShopTable, shopTables } from "../tables/index.ts";
import type { Loaded, LoadOptions } from "../target.ts";
import { copyRows } from "./copy-rows.ts";
import { createTable, declareKey, declareRules, readRecord, tablesPresent, writeRecord } from "./tables.ts";

/** undefined: the database holds no shop. Throws a `usage` error when it holds tables of these names that are none of ours. */
export async function shopInPostgres(url: string): Promise<ShopRecord | undefined> {
  return withPostgres(url, (client) => recordIn(client, postgresPlace(url)));
}

/** Loads the shop and gives the rows per table. Throws a `usage` error when the database holds a shop: nothing was changed then. */
export async function loadPostgres(url: string, plan: ShopPlan, options: LoadOptions = {}): Promise<Loaded> {
  return withPostgres(url, async (client) => {
    const tables = shopTables(simulate({ ...plan, files: false }));
    const rows: Record<string, number> = {};
    await client.query("BEGIN");
    if ((await recordIn(client, postgresPlace(url))) !== undefined)
      throw new ShoplakeError("usage", "the database holds a shop already", { where: postgresPlace(url) });
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

/** Runs it on a connection of its own; what PostgreSQL says becomes an error in our words. */
export async function withPostgres<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectPostgres({ url, retries: 2, role: "sink" });
  try {
    return await use(client);
  } catch (error) {
    throw postgresError(error, "sink", postgresPlace(url));
  } finally {
    await client.end().catch(() => {});
  }
}

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
