/** The table `_shoplake_versions` of a target schema: which dataset version is in which table. */
import type pg from "pg";
import { pgIdent } from "../../util/postgres.ts";

/** A table of the target. */
export interface Place {
  /** Created when it is missing. */
  readonly schema: string;
  /** Not quoted. */
  readonly table: string;
}

/** "gold"."fact_daily_sales" */
export function quoted({ schema, table }: Place): string {
  return `${pgIdent(schema)}.${pgIdent(table)}`;
}

/** What was written into a table last. */
export interface LedgerEntry {
  /** The only one that may be written there. */
  readonly dataset: string;
  /** For people; what a version holds, `fingerprint` says. */
  readonly version: number;
  /** Of content and descriptions, see content.ts. */
  readonly fingerprint: string;
  /** True when the table was created by Shoplake, which may then change its columns. */
  readonly created: boolean;
  /** How many there were. */
  readonly rows: number;
  /** What tells the content without reading it; null when nothing did. */
  readonly origin: string | null;
  /** Of the table, when the version was written to it; null when its rows are not compared by key, or by an older release. */
  readonly seal: string | null;
}

/** Serialises writers of one table, creates schema and ledger when they are missing, and reads the entry of the table. */
export async function openLedger(
  client: pg.Client,
  { schema, table }: Place,
): Promise<LedgerEntry | undefined> {
  const lock = (name: string) =>
    client.query("SELECT pg_advisory_xact_lock(hashtext('shoplake'), hashtext($1))", [name]);
  await lock(`${schema}.${table}`);
  if (!(await ledgerIsReady(client, schema))) {
    await lock(schema);
    await createLedger(client, schema);
  }
  const { rows } = await client.query<LedgerEntry & { version: string; rows: string }>(
    `SELECT dataset, version, fingerprint, created, row_count AS rows, origin, seal FROM ${ledgerName(schema)} WHERE table_name = $1`,
    [table],
  );
  const [entry] = rows;
  return entry && { ...entry, version: Number(entry.version), rows: Number(entry.rows) };
}

/** False also for the ledger of an older release, which lacks columns. */
async function ledgerIsReady(client: pg.Client, schema: string): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'seal' AND NOT attisdropped",
    [ledgerName(schema)],
  );
  return rowCount === 1;
}

async function createLedger(client: pg.Client, schema: string): Promise<void> {
  const { rowCount } = await client.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema]);
  if (rowCount === 0) await client.query(`CREATE SCHEMA ${pgIdent(schema)}`);
  await client.query(`CREATE TABLE IF NOT EXISTS ${ledgerName(schema)} (
    table_name text PRIMARY KEY,
    dataset text NOT NULL,
    version bigint NOT NULL,
    fingerprint text NOT NULL,
    created boolean NOT NULL,
    row_count bigint NOT NULL,
    written_at timestamptz NOT NULL)`);
  await client.query(
    `ALTER TABLE ${ledgerName(schema)} ADD COLUMN IF NOT EXISTS origin text, ADD COLUMN IF NOT EXISTS seal text`,
  );
}

/** In the transaction that wrote the rows, so that both are there or neither. */
export async function recordVersion(client: pg.Client, place: Place, entry: LedgerEntry): Promise<void> {
  const { dataset, version, fingerprint, created, rows, origin, seal } = entry;
  await client.query(
    `INSERT INTO ${ledgerName(place.schema)} (table_name, dataset, version, fingerprint, created, row_count, origin, seal, written_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now())
     ON CONFLICT (table_name) DO UPDATE SET dataset = EXCLUDED.dataset, version = EXCLUDED.version, fingerprint = EXCLUDED.fingerprint,
       created = EXCLUDED.created, row_count = EXCLUDED.row_count, origin = EXCLUDED.origin, seal = EXCLUDED.seal, written_at = EXCLUDED.written_at`,
    [place.table, dataset, version, fingerprint, created, rows, origin, seal],
  );
}

/** Name of the ledger in every schema. */
export const ledgerTable = "_shoplake_versions";

/** The ledger of a schema, quoted. */
export function ledgerName(schema: string): string {
  return `${pgIdent(schema)}.${ledgerTable}`;
}
