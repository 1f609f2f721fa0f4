/**
 * Foreign keys of the target tables, and the unique indexes they need where the referenced column is not the key.
 * Those of Shoplake are known by their names, so that PostgreSQL's catalog is the only place that says what there is.
 */
import { createHash } from "node:crypto";
import type pg from "pg";
import { messageOf } from "../../util/errors.ts";
import { pgIdent } from "../../util/postgres.ts";
import type { SinkInput } from "../sink.ts";
import { type Place, quoted } from "./ledger.ts";

const foreignKeyPrefix = "shoplake_fk_";
const uniquePrefix = "shoplake_key_";

/** Tables are quoted, with their schema. */
export interface ForeignKey {
  /** Unique within its table. */
  readonly name: string;
  /** That refers. */
  readonly table: string;
  /** That refers. */
  readonly column: string;
  /** Table that is referred to. */
  readonly to: string;
  /** Column that is referred to. */
  readonly toColumn: string;
}

/** An index that a foreign key of another table needs. */
export interface UniqueIndex {
  /** Of the table and the index. */
  readonly schema: string;
  /** Unique within the schema. */
  readonly name: string;
  /** Whose values it keeps unique. */
  readonly column: string;
}

/** What Shoplake has set on a table, or wants there. */
export interface Constraints {
  /** Foreign keys of the table. */
  readonly own: readonly ForeignKey[];
  /** Foreign keys that point at it. */
  readonly incoming: readonly ForeignKey[];
  /** Unique indexes on the table. */
  readonly unique: readonly UniqueIndex[];
}

/** Thrown to end a transaction: these statements drop what is in its way, then it can begin again. */
export class InTheWay extends Error {
  readonly statements: readonly string[];

  constructor(statements: readonly string[]) {
    super(`in the way: ${statements.join("; ")}`);
    this.statements = statements;
  }
}

const foreignKeysQuery = `
SELECT k.conname::text AS name, n.nspname::text AS "schema", r.relname::text AS "table", a.attname::text AS "column",
  tn.nspname::text AS "toSchema", t.relname::text AS "toTable", ta.attname::text AS "toColumn"
FROM pg_constraint k
JOIN pg_class r ON r.oid = k.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
JOIN pg_class t ON t.oid = k.confrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.conkey[1]
JOIN pg_attribute ta ON ta.attrelid = t.oid AND ta.attnum = k.confkey[1]
WHERE k.contype = 'f' AND to_regclass($1) IN (r.oid, t.oid) AND starts_with(k.conname::text, '${foreignKeyPrefix}')
ORDER BY 2, 3, 1`;

const indexesQuery = `
SELECT n.nspname::text AS "schema", i.relname::text AS name, a.attname::text AS "column"
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0]
WHERE x.indrelid = to_regclass($1) AND starts_with(i.relname::text, '${uniquePrefix}')
ORDER BY 2`;

interface ForeignKeyRow {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly toSchema: string;
  readonly toTable: string;
  readonly toColumn: string;
}

/** `table` is quoted. Nothing for a table that does not exist. */
export async function constraintsOf(client: pg.Client, table: string): Promise<Constraints> {
  const keys = (await client.query<ForeignKeyRow>(foreignKeysQuery, [table])).rows.map((row) => ({
    name: row.name,
    table: quoted({ schema: row.schema, table: row.table }),
    column: row.column,
    to: quoted({ schema: row.toSchema, table: row.toTable }),
    toColumn: row.toColumn,
  }));
  return {
    own: keys.filter((key) => key.table === table),
    incoming: keys.filter((key) => key.to === table),
    unique: (await client.query<UniqueIndex>(indexesQuery, [table])).rows,
  };
}

/** What the project wants on a table: `tableOf` gives the target table of a dataset. */
export function wantedConstraints(
  input: SinkInput,
  { schema, table }: Place,
  tableOf: (dataset: string) => string,
): Constraints {
  const own = (input.references ?? []).map(({ column, to }) => ({
    name: shortened(`${foreignKeyPrefix}${column}_${tableOf(to.dataset)}_${to.column}`),
    table: quoted({ schema, table }),
    column,
    to: quoted({ schema, table: tableOf(to.dataset) }),
    toColumn: to.column,
  }));
  const unique = (input.referenced ?? [])
    .filter((column) => input.key.join("\0") !== column)
    .map((column) => ({ schema, name: shortened(`${uniquePrefix}${table}_${column}`), column }));
  return { own, incoming: [], unique };
}

/** Statements that drop what is on the table and not wanted any more, or is now defined otherwise. */
export function unwanted(there: Constraints, wanted: Constraints): string[] {
  const unique = there.unique.filter(({ name }) => !wanted.unique.some((other) => other.name === name));
  return takeOff({
    own: there.own.filter((key) => !wanted.own.some((other) => isSame(key, other))),
    incoming: dependents(there, unique),
    unique,
  });
}

/** Statements that drop all of these; what depends on another comes first. */
export function takeOff({ own, incoming, unique }: Constraints): string[] {
  const keys = [...own, ...incoming].map(
    ({ table, name }) => `ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${pgIdent(name)}`,
  );
  const indexes = unique.map(({ schema, name }) => `DROP INDEX IF EXISTS ${quoted({ schema, table: name })}`);
  return [...new Set(keys), ...indexes];
}

/** True for an error of PostgreSQL about a foreign key or a unique index, of anybody. */
export function isViolation(error: unknown): boolean {
  return ["23503", "23505"].includes(fieldOf(error, "code"));
}

/** Statements that drop the constraint of Shoplake which an error of PostgreSQL is about; none for other errors. */
export function violated(error: unknown, there: Constraints): string[] {
  const code = fieldOf(error, "code");
  const isIt = ({ name }: { readonly name: string }) => name === fieldOf(error, "constraint");
  const none: Constraints = { own: [], incoming: [], unique: [] };
  if (code === "23503")
    return takeOff({ ...none, own: there.own.filter(isIt), incoming: there.incoming.filter(isIt) });
  if (code !== "23505") return [];
  const unique = there.unique.filter(isIt);
  return takeOff({ ...none, incoming: dependents(there, unique), unique });
}

/**
 * Sets what is wanted and missing; each is checked once over the whole table, and readers go on meanwhile. What the rows or their
 * types do not allow is a warning, and tried again by the next delivery. A table that does not exist yet is not referred to.
 */
export async function ensureConstraints(
  client: pg.Client,
  table: string,
  { wanted, warn }: { readonly wanted: Constraints; warn(message: string): void },
): Promise<void> {
  if (wanted.own.length + wanted.unique.length === 0) return;
  const there = await constraintsOf(client, table);
  for (const { name, column } of wanted.unique)
    if (!there.unique.some((index) => index.name === name))
      await attempt(client, `CREATE UNIQUE INDEX ${pgIdent(name)} ON ${table} (${pgIdent(column)})`, (why) =>
        warn(`${table}: ${column} is not kept unique: ${why}`),
      );
  for (const key of wanted.own)
    if (!there.own.some((other) => isSame(key, other)) && (await exists(client, key.to)))
      await attempt(
        client,
        `ALTER TABLE ${table} ADD CONSTRAINT ${pgIdent(key.name)} FOREIGN KEY (${pgIdent(key.column)}) REFERENCES ${key.to} (${pgIdent(key.toColumn)})`,
        (why) => warn(`${table}: no foreign key from ${key.column} to ${key.to}.${key.toColumn}: ${why}`),
      );
}

/** Names of tables are quoted. */
export async function exists(client: pg.Client, table: string): Promise<boolean> {
  const found = await client.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [
    table,
  ]);
  return found.rows[0]?.there === true;
}

/** Classes of errors about rows, types, names, rights; https://www.postgresql.org/docs/current/errcodes-appendix.html */
const refusals = /^(0A|23|42)/;

/** Nothing has happened after a refusal; anything else (a lost connection) is thrown. */
async function attempt(client: pg.Client, statement: string, refused: (why: string) => void): Promise<void> {
  await client.query("SAVEPOINT shoplake");
  try {
    await client.query(statement);
  } catch (error) {
    if (!refusals.test(fieldOf(error, "code"))) throw error;
    await client.query("ROLLBACK TO SAVEPOINT shoplake");
    refused([messageOf(error), fieldOf(error, "detail")].filter((part) => part !== "").join(" "));
  }
}

function dependents({ incoming }: Constraints, unique: readonly UniqueIndex[]): ForeignKey[] {
  return incoming.filter(({ toColumn }) => unique.some(({ column }) => column === toColumn));
}

function isSame(a: ForeignKey, b: ForeignKey): boolean {
  return a.name === b.name && a.column === b.column && a.to === b.to && a.toColumn === b.toColumn;
}

function fieldOf(error: unknown, field: "code" | "constraint" | "detail"): string {
  const fields: Readonly<Record<string, unknown>> = { ...(error as object) };
  return typeof fields[field] === "string" ? fields[field] : "";
}

/** PostgreSQL cuts names at 63 bytes; a longer one ends in a hash of the whole instead. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= 63) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 10);
  let start = name;
  while (Buffer.byteLength(start) > 52) start = [...start].slice(0, -1).join("");
  return `${start}_${hash}`;
}
