/** Puts a generated shop into a PostgreSQL database, by COPY. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import copyStreams from "pg-copy-streams";
import { pgIdent } from "../util/postgres.ts";
import type { Shop } from "./shop.ts";
import type { Cell, GeneratedTable } from "./table.ts";

/** Rows per table; undefined when the database holds a shop already, which is left as it is. */
export async function loadShop(
  url: string,
  shop: Shop,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, number>> | undefined> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("BEGIN");
    if (await holdsShop(client, shop)) return undefined;
    const counts: Record<string, number> = {};
    for (const table of shop.tables) {
      await client.query(definition(table));
      counts[table.name] = await copyRows(client, table, signal);
    }
    for (const table of shop.tables) await declareLate(client, table);
    await client.query("COMMIT");
    for (const table of shop.tables) await client.query(`ANALYZE ${pgIdent(table.name)}`);
    return counts;
  } finally {
    await client.end();
  }
}

async function holdsShop(client: pg.Client, shop: Shop): Promise<boolean> {
  const names = shop.tables.map((table) => table.name);
  const { rowCount } = await client.query(
    "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ANY($1)",
    [names],
  );
  return (rowCount ?? 0) > 0;
}

function definition(table: GeneratedTable): string {
  const columns = Object.entries<string>(table.columns).map(([name, type]) => `${pgIdent(name)} ${type}`);
  return `CREATE TABLE ${pgIdent(table.name)} (${[...columns, `PRIMARY KEY (${pgIdent(table.key)})`].join(", ")})`;
}

async function copyRows(client: pg.Client, table: GeneratedTable, signal?: AbortSignal): Promise<number> {
  const names = Object.keys(table.columns);
  const copy = client.query(
    copyStreams.from(`COPY ${pgIdent(table.name)} (${names.map(pgIdent).join(", ")}) FROM STDIN`),
  );
  await pipeline(Readable.from(chunks(table)), copy, { ...(signal && { signal }) });
  return copy.rowCount;
}

/** Rows as COPY's text form, about 64 kB at a time. */
function* chunks(table: GeneratedTable): Generator<string> {
  const names = Object.keys(table.columns);
  let text = "";
  for (const row of table.rows() as Iterable<Record<string, Cell>>) {
    text += `${names.map((name) => cellText(row[name] ?? null)).join("\t")}\n`;
    if (text.length > 65_536) {
      yield text;
      text = "";
    }
  }
  if (text !== "") yield text;
}

function cellText(cell: Cell): string {
  if (cell === null) return "\\N";
  if (cell instanceof Date) return cell.toISOString();
  return String(cell).replace(/[\\\t\n\r]/g, (char) => escapes[char] ?? char);
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

async function declareLate(client: pg.Client, table: GeneratedTable): Promise<void> {
  for (const constraint of table.constraints)
    await client.query(`ALTER TABLE ${pgIdent(table.name)} ADD ${constraint} NOT VALID`);
}
