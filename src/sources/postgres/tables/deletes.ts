/**
 * Rows that are gone from the source: found by comparing all keys, kept in bronze as tombstones. A tombstone is the last known
 * row with `_deleted` = true, so it ties with that row in every column of a model's newest_by but `_ingested_at`, and wins there.
 */
import type { Column, Engine } from "../../../engine/engine.ts";
import { ident, idents } from "../../../engine/sql.ts";
import { pgIdent, pgText } from "../../../util/postgres.ts";
import type { ColumnReader } from "./types.ts";

/** More than this many dead keys are not asked for again one by one. */
export const deadKeyLimit = 100_000;

/** Keys of bronze by whether their newest row is a tombstone; `dead` selects those that are, or are not. */
export function keysOf(bronze: string, key: readonly string[], dead: boolean): string {
  return `SELECT ${idents(key)} FROM ${bronze} GROUP BY ${idents(key)} HAVING ${dead ? "" : "NOT "}argMax(_deleted, (_ingested_at, _deleted))`;
}

/**
 * A table expression of tombstones: the keys that are alive in bronze and missing in `sourceKeys` (a table expression of the key
 * columns). The comparison is one aggregation over both sides, which the engine can spill to disk.
 */
export function tombstones(
  bronze: string,
  sourceKeys: string,
  key: readonly Column[],
  columns: readonly Column[],
): string {
  const names = key.map(({ name }) => name);
  const casts = key.map(({ name, type }) => `CAST(${ident(name)} AS ${type}) AS ${ident(name)}`).join(", ");
  const gone = `SELECT ${idents(names)} FROM (
    SELECT ${casts}, 1 AS _side FROM (${keysOf(bronze, names, false)})
    UNION ALL
    SELECT ${casts}, 2 AS _side FROM ${sourceKeys}
  ) GROUP BY ${idents(names)} HAVING max(_side) = 1`;
  const list = idents(columns.map(({ name }) => name));
  return `(SELECT ${list}, true AS _deleted FROM ${bronze} WHERE (${idents(names)}) IN (${gone}) ORDER BY _ingested_at DESC LIMIT 1 BY ${idents(names)})`;
}

/**
 * A PostgreSQL condition for the rows whose keys are dead in bronze: those that exist came back, whatever their cursor says.
 * undefined: no key is dead. `tooMany`: there are more than the limit.
 */
export async function deadKeyCondition(
  engine: Engine,
  bronze: string,
  key: readonly ColumnReader[],
): Promise<string | "tooMany" | undefined> {
  const names = key.map(({ name }) => name);
  const texts = names.map((name) => `toString(${ident(name)})`).join(", ");
  const rows = await engine.rows<{ k: string[] }>(
    `SELECT [${texts}] AS k FROM (${keysOf(bronze, names, true)}) LIMIT ${deadKeyLimit + 1}`,
  );
  if (rows.length === 0) return undefined;
  if (rows.length > deadKeyLimit) return "tooMany";
  const arrays = key.map(({ type, declared }, i) => {
    const values = rows.map(({ k }) => `"${(k[i] ?? "").replace(/["\\]/g, "\\$&")}"`);
    return `${pgText(`{${values.join(",")}}`)}::${isText(type) ? "text" : declared}[]`;
  });
  const columns = key
    .map(({ received, type, select }) => (isText(type) ? `(${select})` : pgIdent(received)))
    .join(", ");
  return `(${columns}) IN (SELECT * FROM unnest(${arrays.join(", ")}))`;
}

function isText(type: string): boolean {
  return type === "String" || type === "Nullable(String)";
}
