/** Models and rows for the tests of this folder. */

import type { CheckSpec } from "../../src/api/checks.ts";
import type { Column, Engine } from "../../src/engine/engine.ts";
import { ident, text } from "../../src/engine/sql.ts";
import type { RowModel } from "../../src/quality/rules.ts";

/** A row model over `sql`; the schema comes from the engine, declared types applied. */
export async function model(
  engine: Engine,
  given: {
    readonly sql: string;
    readonly types?: Readonly<Record<string, string>>;
    readonly reject?: Readonly<Record<string, string>>;
    readonly key?: readonly string[];
    readonly newestBy?: readonly string[];
  },
): Promise<RowModel> {
  const described = await engine.rows<Column>(`DESCRIBE (${given.sql.replace(/;$/, "")}\n)`);
  const types = given.types ?? {};
  return {
    dataset: "silver.orders",
    sql: given.sql,
    schema: described.map(({ name, type }) => ({ name, type: types[name] ?? type })),
    columns: Object.entries(types).map(([name, type]) => ({ name, type, description: "", tags: [] })),
    reject: Object.entries(given.reject ?? {}).map(([name, condition]) => ({
      name,
      condition,
      location: "models/silver/orders.sql:1",
    })),
    key: given.key ?? [],
    newestBy: given.newestBy ?? [],
  };
}

let tables = 0;

/** A table of Nullable(String) columns with these rows; gives its quoted name. */
export async function textTable(
  engine: Engine,
  rows: readonly Readonly<Record<string, string | null>>[],
  columns: readonly string[] = Object.keys(rows[0] ?? {}),
): Promise<string> {
  const name = `data.t${++tables}`;
  await engine.command("CREATE DATABASE IF NOT EXISTS data");
  const structure = columns.map((column) => `${ident(column)} Nullable(String)`).join(", ");
  await engine.command(`CREATE TABLE ${name} (${structure}) ENGINE = MergeTree ORDER BY tuple()`);
  if (rows.length > 0) await engine.insert(name, rows);
  return name;
}

/** A table expression of Nullable(String) columns with these rows, without making a table. */
export function textRows(
  rows: readonly Readonly<Record<string, string | null>>[],
  columns: readonly string[],
): string {
  const structure = text(columns.map((column) => `${column} Nullable(String)`).join(", "));
  if (rows.length === 0) return `null(${structure})`;
  const value = (one: string | null | undefined) => (one === null || one === undefined ? "NULL" : text(one));
  const tuples = rows.map((row) => `(${columns.map((column) => value(row[column])).join(", ")})`);
  return `values(${structure}, ${tuples.join(", ")})`;
}

export function spec(
  type: string,
  args: Record<string, unknown> = {},
  more: Partial<CheckSpec> = {},
): CheckSpec {
  return {
    name: [type, more.column].filter((part) => part !== undefined).join("_"),
    type,
    arguments: args,
    severity: "error",
    dimension: "validity",
    location: "models/silver/orders.sql:9",
    ...more,
  };
}
