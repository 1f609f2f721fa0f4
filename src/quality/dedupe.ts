/** One row per key: the newest. */
import type { Column } from "../engine/engine.ts";
import { ident, idents } from "../engine/sql.ts";
import type { Model } from "../project/project.ts";

/** What identifies a row, which of several is newest, and all columns. */
export type Keyed = Pick<Model, "key" | "newestBy" | "schema">;

/** Rows of a SELECT for which a condition on its columns holds. */
export interface FilteredRows {
  /** Yields at least the columns that are asked for. */
  readonly select: string;
  /** Default: all rows. */
  readonly where?: string;
}

/**
 * Of the rows with the same key the greatest by (newestBy..., all columns, `extra` columns of the SELECT).
 * NULL is oldest. The winner depends on the set of rows only, never on their order or on how they were split before. With a
 * column `_deleted`: when the winner has it set, the key disappears.
 *
 * `by`: "sort" sorts the whole input; "split" lets rows whose key occurs once pass unsorted in their order, which costs
 * fewer CPU seconds and gives smaller files while few keys are doubled. Both give the same rows.
 */
export function dedupe(
  rows: string | FilteredRows,
  model: Keyed,
  extra: readonly string[] = [],
  by: "sort" | "split" = "sort",
): string {
  const given = typeof rows === "string" ? { select: rows } : rows;
  const names = idents([...model.schema.map((column) => column.name), ...extra]);
  const alive = deletedCondition(model.schema);
  const among = (condition?: string): string =>
    `SELECT ${names} FROM (${given.select})${where(given, condition)}`;
  const newest = (condition?: string): string => {
    const best = `SELECT ${names} FROM (${winners(among(condition), model, extra)})`;
    return alive === undefined ? best : `${best} WHERE NOT ${alive}`;
  };
  if (by === "sort") return newest();
  const same = nullSafeKey(model.key, model.schema);
  const doubled = `(SELECT ${same} AS doubled FROM (${given.select})${where(given)} GROUP BY doubled HAVING count() > 1)`;
  const single =
    alive === undefined ? `${same} NOT IN ${doubled}` : `${same} NOT IN ${doubled} AND NOT ${alive}`;
  return `SELECT ${names} FROM (${among(single)} UNION ALL ${newest(`${same} IN ${doubled}`)})`;
}

/**
 * One condition, not several joined by AND: of those the engine (26.7) may move some into the reading of a Parquet file and
 * then miss the columns that they share with the rest (NOT_FOUND_COLUMN_IN_BLOCK).
 */
function where(rows: FilteredRows, condition?: string): string {
  if (rows.where === undefined && condition === undefined) return "";
  if (rows.where === undefined || condition === undefined) return ` WHERE ${rows.where ?? condition}`;
  return ` WHERE if(${rows.where}, ${condition}, 0)`;
}

/** SQL, true for a row that marks its key as deleted; undefined when there is no column `_deleted`. */
export function deletedCondition(columns: readonly Column[]): string | undefined {
  const column = columns.find((candidate) => candidate.name === "_deleted");
  if (!column) return undefined;
  if (/String/.test(column.type)) return "(lower(ifNull(_deleted, '')) IN ('true', 't', '1'))";
  return "(ifNull(_deleted, 0) = 1)";
}

/** A tuple that is never NULL and distinguishes NULL from every value, for IN and distinct counts. */
export function nullSafeKey(key: readonly string[], columns: readonly Column[]): string {
  const parts = key.flatMap((name) => {
    const nullable = columns.find((column) => column.name === name)?.type.includes("Nullable(") ?? true;
    return nullable ? [`isNull(${ident(name)})`, `assumeNotNull(${ident(name)})`] : [ident(name)];
  });
  return parts.length === 1 ? (parts[0] ?? "") : `tuple(${parts.join(", ")})`;
}

function winners(select: string, { key, newestBy, schema }: Keyed, extra: readonly string[]): string {
  const newest = newestBy.map((name) => `${ident(name)} DESC NULLS LAST`);
  const rest = schema.filter((column) => !key.includes(column.name) && !newestBy.includes(column.name));
  const ties = [...rest.map(comparable), ...extra.map(ident)];
  const tie = ties.length === 0 ? [] : [`tuple(${ties.join(", ")}) DESC`];
  const order = [...key.map(ident), ...newest, ...tie].join(", ");
  const names = idents([...schema.map((column) => column.name), ...extra]);
  return `SELECT ${names} FROM (${select}) ORDER BY ${order} LIMIT 1 BY ${idents(key)}`;
}

/** Types without an order of their own are compared as text. */
function comparable(column: Column): string {
  return /^(Map|JSON|Object|Dynamic|Variant|AggregateFunction)/.test(column.type)
    ? `toString(${ident(column.name)})`
    : ident(column.name);
}
