/**
 * Rows that are gone from the source: found by comparing all keys, kept in bronze as tombstones. A tombstone is the last known
 * row with `_deleted` = true, so it ties with that row in every column of a model's newest_by but `_ingested_at`, and wins there.
 */
import type { Column } from "../../../engine/engine.ts";
import { idents } from "../../../engine/sql.ts";
import { pgIdent, pgText } from "../../../util/postgres.ts";
import type { ColumnReader } from "./types.ts";

/** More than this many keys are not asked for one by one. */
export const keyLimit = 100_000;

/** Keys of bronze by whether their newest row is a tombstone; `dead` selects those that are, or are not. */
export function keysOf(bronze: string, key: readonly string[], dead: boolean): string {
  return `SELECT ${idents(key)} FROM ${bronze} GROUP BY ${idents(key)} HAVING ${dead ? "" : "NOT "}argMax(_deleted, (_ingested_at, _deleted))`;
}

/** A table expression of tombstones for the keys that `gone` (a query) gives. */
export function tombstones(
  bronze: string,
  gone: string,
  key: readonly Column[],
  columns: readonly Column[],
): string {
  const names = idents(key.map(({ name }) => name));
  const list = idents(columns.map(({ name }) => name));
  return `(SELECT ${list}, true AS _deleted FROM ${bronze} WHERE (${names}) IN (${gone}) ORDER BY _ingested_at DESC LIMIT 1 BY ${names})`;
}

/** A PostgreSQL condition for the rows with these keys, each value as the engine prints it. */
export function keyCondition(key: readonly ColumnReader[], keys: readonly (readonly string[])[]): string {
  const arrays = key.map(({ type, declared }, i) => {
    const values = keys.map((values) => `"${(values[i] ?? "").replace(/["\\]/g, "\\$&")}"`);
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
