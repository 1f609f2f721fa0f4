/** Brings types, NOT NULL and key of a table of ours to those of the dataset. */
import type pg from "pg";
import { messageOf, ShoplakeError } from "../../util/errors.ts";
import { pgIdent } from "../../util/postgres.ts";
import { constraintsOf, takeOff } from "./constraints.ts";
import type { TargetColumn } from "./types.ts";

/** A column as it stands in the target. */
export interface ExistingColumn {
  /** Not quoted. */
  readonly name: string;
  /** As PostgreSQL's format_type prints it. */
  readonly type: string;
  /** Holds no NULL. */
  readonly notNull: boolean;
}

/** What a table has and what it shall have. */
export interface Adaptation {
  /** Columns of the dataset. */
  readonly wanted: readonly TargetColumn[];
  /** Columns of the table. */
  readonly existing: readonly ExistingColumn[];
  /** Of the dataset; empty: none. */
  readonly key: readonly string[];
}

const keyQuery = `
SELECT c.conname::text AS name, array_agg(a.attname::text ORDER BY k.position) AS key
FROM pg_constraint c
CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k(attnum, position)
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
WHERE c.contype = 'p' AND c.conrelid = to_regclass($1) GROUP BY c.conname`;

/**
 * Types, NOT NULL and the key follow the dataset; what hangs on them is set again after the rows. `name` is quoted. Throws `sink`,
 * before any row is written, when something of somebody else hangs on a column whose type must change.
 */
export async function adaptColumns(
  client: pg.Client,
  name: string,
  { wanted, existing, key }: Adaptation,
): Promise<void> {
  const [primary] = (await client.query<{ name: string; key: string[] }>(keyQuery, [name])).rows;
  const sameKey = primary?.key.join("\0") === (key.length === 0 ? undefined : key.join("\0"));
  const byName = new Map(wanted.map((column) => [column.name, column]));
  const retyped = existing.filter((old) => (byName.get(old.name) ?? old).type !== old.type);
  if (!sameKey || retyped.length > 0)
    for (const statement of takeOff(await constraintsOf(client, name))) await client.query(statement);
  if (!sameKey && primary !== undefined)
    await client.query(`ALTER TABLE ${name} DROP CONSTRAINT ${pgIdent(primary.name)}`);
  for (const old of existing)
    if (old.notNull && byName.get(old.name)?.notNull !== true && !(sameKey && key.includes(old.name)))
      await client.query(`ALTER TABLE ${name} ALTER COLUMN ${pgIdent(old.name)} DROP NOT NULL`);
  if (retyped.length > 0) await changeTypes(client, name, { retyped, byName });
  if (!sameKey && key.length > 0) {
    await client.query(`DELETE FROM ${name}`);
    await client.query(`ALTER TABLE ${name} ADD PRIMARY KEY (${key.map(pgIdent).join(", ")})`);
  }
}

interface Retyping {
  /** Columns whose type changes. */
  readonly retyped: readonly ExistingColumn[];
  readonly byName: ReadonlyMap<string, TargetColumn>;
}

/**
 * The old rows are kept where their values can be read as the new type. Else they go: the version brings every row that shall
 * stand there, in the same transaction.
 */
async function changeTypes(client: pg.Client, name: string, { retyped, byName }: Retyping): Promise<void> {
  const changes = retyped.map((old) => {
    const type = byName.get(old.name)?.type ?? old.type;
    const column = pgIdent(old.name);
    return `ALTER COLUMN ${column} TYPE ${type} USING ${column}::text::${type}`;
  });
  const statement = `ALTER TABLE ${name} ${changes.join(", ")}`;
  await client.query("SAVEPOINT shoplake_types");
  try {
    await client.query(statement);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await client.query("ROLLBACK TO SAVEPOINT shoplake_types");
    await client.query(`DELETE FROM ${name}`);
    await client.query(statement).catch((cause: unknown) => {
      throw isRefusal(cause) ? inTheWay(name, { retyped, byName }, cause) : cause;
    });
  }
}

function inTheWay(name: string, { retyped, byName }: Retyping, cause: unknown): ShoplakeError {
  const changes = retyped.map((old) => `${old.name} from ${old.type} to ${byName.get(old.name)?.type}`);
  return new ShoplakeError(
    "sink",
    `PostgreSQL does not let the types of ${name} change: ${messageOf(cause)}`,
    {
      where: name,
      allowed: `the types of the dataset: ${changes.join(", ")}`,
      hint: "Drop the view, default or index that hangs on the column, run again, and create it anew. Nothing was changed.",
      cause,
    },
  );
}

/** A refusal of the server (about values, types, what hangs on them), not a lost connection. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(0A|22|23|2B|42)/.test(String(error.code));
}
