/** The target table's definition: created when missing, adapted when it is ours, never dropped. */
import type pg from "pg";
import { ShoplakeError } from "../../util/errors.ts";
import { own } from "../../util/own.ts";
import { pgIdent, pgText } from "../../util/postgres.ts";
import type { SinkInput } from "../sink.ts";
import { adaptColumns, type ExistingColumn } from "./adapt.ts";
import { type Place, quoted } from "./ledger.ts";
import type { TargetColumn } from "./types.ts";

/** The table as the delivery finds it, after it was adapted. */
export interface TargetTable {
  /** Quoted: "gold"."fact_daily_sales". */
  readonly name: string;
  /** Those of the dataset. */
  readonly columns: readonly TargetColumn[];
  /** Columns that identify a row; [] for none. */
  readonly key: readonly string[];
  /** Made by Shoplake, now or before. */
  readonly created: boolean;
  /** Whether it held no row before. */
  readonly empty: boolean;
  /** Columns that the dataset does not have (any more). */
  readonly others: readonly string[];
}

const columnsQuery = `
SELECT attname::text AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS "notNull"
FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`;

/**
 * Makes the table fit the dataset. A table that Shoplake did not make gets missing columns only, and is refused when it holds rows
 * and no version was written to it before.
 */
export async function prepareTable(
  client: pg.Client,
  place: Place,
  wanted: { readonly input: SinkInput; readonly columns: readonly TargetColumn[] },
  known: { readonly created: boolean } | undefined,
): Promise<TargetTable> {
  const name = quoted(place);
  const { columns, input } = wanted;
  const existing = (await client.query<ExistingColumn>(columnsQuery, [name])).rows;
  const created = existing.length === 0 || known?.created === true;
  if (existing.length === 0) await createTable(client, name, wanted);
  const empty = (await client.query(`SELECT 1 FROM ${name} LIMIT 1`)).rowCount === 0;
  if (known === undefined && !empty)
    throw new ShoplakeError("sink", `The table ${place.schema}.${place.table} holds rows of somebody else.`, {
      where: input.dataset,
      hint: "Empty or rename that table, or give the dataset another name under tables in the sink.",
    });
  if (existing.length > 0) {
    await addColumns(client, name, columns, existing);
    if (created) await adaptColumns(client, name, { wanted: columns, existing, key: input.key });
  }
  if (created) await comment(client, name, input);
  const names = new Set(columns.map((column) => column.name));
  return {
    name,
    columns,
    key: input.key,
    created,
    empty,
    others: existing.map((column) => column.name).filter((other) => !names.has(other)),
  };
}

async function createTable(
  client: pg.Client,
  name: string,
  { input, columns }: { readonly input: SinkInput; readonly columns: readonly TargetColumn[] },
): Promise<void> {
  const parts = columns.map((column) => definition(column, column.notNull));
  if (input.key.length > 0) parts.push(`PRIMARY KEY (${input.key.map(pgIdent).join(", ")})`);
  await client.query(`CREATE TABLE ${name} (${parts.join(", ")})`);
}

function definition(column: TargetColumn, notNull: boolean): string {
  return `${pgIdent(column.name)} ${column.type}${notNull ? " NOT NULL" : ""}`;
}

async function addColumns(
  client: pg.Client,
  name: string,
  wanted: readonly TargetColumn[],
  existing: readonly ExistingColumn[],
): Promise<void> {
  const present = new Set(existing.map((column) => column.name));
  for (const column of wanted)
    if (!present.has(column.name))
      await client.query(`ALTER TABLE ${name} ADD COLUMN ${definition(column, false)}`);
}

async function comment(client: pg.Client, name: string, input: SinkInput): Promise<void> {
  if (input.description !== undefined && input.description !== "")
    await client.query(`COMMENT ON TABLE ${name} IS ${pgText(input.description)}`);
  for (const { name: column } of input.columns) {
    const description = own(input.columnDescriptions ?? {}, column);
    if (description !== undefined && description !== "")
      await client.query(`COMMENT ON COLUMN ${name}.${pgIdent(column)} IS ${pgText(description)}`);
  }
}
