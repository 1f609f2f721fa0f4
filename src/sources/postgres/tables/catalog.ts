/** Tables, columns and keys as PostgreSQL's catalog describes them. */
import type pg from "pg";
import { ShoplakeError } from "../../../util/errors.ts";
import { nearest } from "../../../util/nearest.ts";

/** A column as the server describes it. */
export interface CatalogColumn {
  /** Not quoted. */
  readonly name: string;
  /** As PostgreSQL prints it: "numeric(12,2)", "timestamp with time zone", "order_status". */
  readonly declared: string;
  /** Name of the type without modifiers, of the base type for a domain: "numeric", "timestamptz", "_int4". */
  readonly type: string;
  /** pg_type.typtype of that type: b base, e enum, c composite, r range, ... */
  readonly kind: string;
  /** Whether its values are arrays. */
  readonly isArray: boolean;
  /** pg_attribute.atttypmod, or the domain's; -1: none. */
  readonly modifier: number;
  /** Also when only its domain forbids NULL. */
  readonly notNull: boolean;
}

/** A table, view or foreign table as the server describes it. */
export interface CatalogTable {
  /** Not quoted. */
  readonly schema: string;
  /** Not quoted. */
  readonly name: string;
  /** Columns of the primary key, in its order. */
  readonly key: readonly string[];
  /** In the order of the table, without dropped ones. */
  readonly columns: readonly CatalogColumn[];
}

const columnsQuery = `
WITH RECURSIVE base AS (
  SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS declared,
         a.atttypid AS oid, a.atttypmod AS modifier, a.attnotnull AS not_null
  FROM pg_attribute a
  WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT b.attrelid, b.attnum, b.attname, b.declared, t.typbasetype,
         CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE b.modifier END, b.not_null OR t.typnotnull
  FROM base b JOIN pg_type t ON t.oid = b.oid WHERE t.typtype = 'd'
)
SELECT b.attrelid::text AS relation, b.attname::text AS name, b.declared, t.typname::text AS type, t.typtype::text AS kind,
       t.typcategory = 'A' AS "isArray", b.modifier, b.not_null AS "notNull"
FROM base b JOIN pg_type t ON t.oid = b.oid
WHERE t.typtype <> 'd' ORDER BY b.attrelid, b.attnum`;

const keysQuery = `
SELECT i.indrelid::text AS relation, a.attname::text AS name
FROM pg_index i
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indisprimary AND i.indrelid = ANY($1::oid[]) ORDER BY i.indrelid, k.position`;

/** Relations that can be read: tables, partitioned tables, views, materialised views, foreign tables. */
const relationsQuery = `
SELECT c.oid::text AS oid, c.relname::text AS name, c.relkind IN ('r', 'p') AND NOT c.relispartition AS "isTable"
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname`;

/**
 * Describes the named tables of a schema; `"*"` means all its tables (not views). Throws a `source` error that names
 * what is missing and the nearest name that exists.
 */
export async function describeTables(
  client: pg.Client,
  schema: string,
  wanted: readonly string[],
): Promise<CatalogTable[]> {
  const relations = (
    await client.query<{ oid: string; name: string; isTable: boolean }>(relationsQuery, [schema])
  ).rows;
  const chosen = relations.filter(
    ({ name, isTable }) => wanted.includes(name) || (isTable && wanted.includes("*")),
  );
  const missing = wanted.filter((name) => name !== "*" && !chosen.some((relation) => relation.name === name));
  if (missing.length > 0) throw noSuchTable(schema, missing, relations);
  const oids = chosen.map(({ oid }) => oid);
  const columns = (await client.query<CatalogColumn & { relation: string }>(columnsQuery, [oids])).rows;
  const keys = (await client.query<{ relation: string; name: string }>(keysQuery, [oids])).rows;
  return chosen.map(({ oid, name }) => ({
    schema,
    name,
    key: keys.filter(({ relation }) => relation === oid).map((part) => part.name),
    columns: columns.filter(({ relation }) => relation === oid).map(({ relation: _, ...column }) => column),
  }));
}

function noSuchTable(
  schema: string,
  missing: readonly string[],
  relations: readonly { name: string }[],
): ShoplakeError {
  const known = relations.map(({ name }) => name);
  const problems = missing.map((name) => {
    const close = nearest(name, known);
    return {
      message: `There is no table ${schema}.${name}.`,
      hint:
        close !== undefined
          ? `Did you mean ${close}?`
          : "Bring the table back at the source, or take it out of tables in shoplake.config.ts.",
    };
  });
  return new ShoplakeError("source", problems.map(({ message }) => message).join(" "), {
    where: `schema ${schema}`,
    allowed:
      known.length > 0
        ? `${known.slice(0, 20).join(", ")}${known.length > 20 ? ", ..." : ""}`
        : "nothing: the schema is empty, does not exist or is not visible to this user",
    ...(problems[0]?.hint !== undefined && { hint: problems[0].hint }),
    problems,
  });
}
