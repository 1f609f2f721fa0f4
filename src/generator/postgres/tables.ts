/** SQL that defines and describes the shop's tables in PostgreSQL. */
import type pg from "pg";
import { pgIdent, pgText } from "../../util/postgres.ts";
import { parseRecord, recordText, type ShopRecord } from "../record.ts";
import { type ShopTable, tableNames } from "../tables/index.ts";

/** Columns only; keys and rules come after the rows. */
export async function createTable(client: pg.Client, table: ShopTable): Promise<void> {
  const columns = Object.entries(table.columns).map(([name, type]) => `${pgIdent(name)} ${type}`);
  await client.query(`CREATE TABLE ${pgIdent(table.name)} (${columns.join(", ")})`);
}

/**
 * Keys and rules, after the rows are there: that is faster. A rule that rows of a faulty shop break is left undeclared in it, because
 * also one that is NOT VALID would refuse the bad rows of the next day.
 */
export async function declareKey(client: pg.Client, table: ShopTable): Promise<void> {
  await client.query(`ALTER TABLE ${pgIdent(table.name)} ADD PRIMARY KEY (${pgIdent(table.key)})`);
}

/** `faulty`: the shop has bad rows, so the rules that they break are left out. */
export async function declareRules(client: pg.Client, table: ShopTable, faulty: boolean): Promise<void> {
  const rules = table.constraints.filter(({ brokenBy }) => !faulty || brokenBy === undefined);
  if (rules.length === 0) return;
  const parts = rules.map(({ sql }) => `ADD ${sql}`);
  await client.query(`ALTER TABLE ${pgIdent(table.name)} ${parts.join(", ")}`);
}

/** Which of the shop's tables are there. */
export async function tablesPresent(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ tablename: string }>(
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = ANY($1) ORDER BY tablename",
    [tableNames],
  );
  return rows.map(({ tablename }) => tablename);
}

/** The record is the comment of the table `orders`. */
export async function readRecord(client: pg.Client): Promise<ShopRecord | undefined> {
  const { rows } = await client.query<{ text: string | null }>(
    "SELECT obj_description(to_regclass('orders'), 'pg_class') AS text",
  );
  return parseRecord(rows[0]?.text ?? "");
}

/** Replaces the comment of the table `orders`, in the transaction that is open. */
export async function writeRecord(client: pg.Client, record: ShopRecord): Promise<void> {
  await client.query(`COMMENT ON TABLE orders IS ${pgText(recordText(record))}`);
}
