/**
 * Where an incremental copy starts: a safety window behind the greatest believed cursor value in bronze, inclusive, so that rows of
 * transactions that committed late and rows with equal cursor values are read (again). Rows without a cursor value are always read.
 */
import type { Engine } from "../../../engine/engine.ts";
import { ident, text } from "../../../engine/sql.ts";
import { ShoplakeError } from "../../../util/errors.ts";
import { pgIdent, pgText } from "../../../util/postgres.ts";
import type { ColumnReader } from "./types.ts";

/** How far behind the greatest value reading begins. */
export interface SafetyWindow {
  /** For cursors that are dates or times. */
  readonly seconds: number;
  /** For cursors that are whole numbers. */
  readonly units: number;
}

/** The same condition in both dialects: rows to read from PostgreSQL, rows of bronze they may repeat. */
export interface CursorStart {
  /** SQL over the columns of the table at the source. */
  readonly postgres: string;
  /** SQL over the columns of bronze. */
  readonly clickhouse: string;
}

/** What decides where reading starts. */
export interface CursorBounds {
  /** How far behind the newest value. */
  readonly window: SafetyWindow;
  /** Greatest value that is believed; undefined: now plus the safety window, for numbers none. */
  readonly max: string | number | undefined;
}

/** Where reading starts, and whether bronze holds values beyond the greatest that is believed. */
export interface CursorPlan {
  /** undefined: bronze holds no value to start from, so everything must be read. */
  readonly start: CursorStart | undefined;
  /** SQL of PostgreSQL for the greatest value that is believed, when bronze holds greater ones. */
  readonly passed: string | undefined;
}

/**
 * A value far in the future, a slip of the keyboard most likely, would stop the table: nothing is newer. So reading starts behind
 * the newest value that is believed. Greater ones are read each time, and known.
 */
export async function cursorPlan(
  engine: Engine,
  bronze: string,
  cursor: ColumnReader,
  { window, max }: CursorBounds,
): Promise<CursorPlan> {
  const name = ident(cursor.name);
  const limit = upperBound(cursor, max, window);
  const believed = limit === undefined ? "true" : `${name} <= ${limit}`;
  const [row] = await engine.rows<{ top: string | null; limit: string; passed: number }>(
    `SELECT toString(maxOrNullIf(${name}, ${believed})) AS top, toString(${limit ?? "''"}) AS limit, countIf(NOT (${believed})) > 0 AS passed
     FROM ${bronze} WHERE ${name} IS NOT NULL`,
  );
  if (row === undefined) return { start: undefined, passed: undefined };
  const passed = Number(row.passed) === 1 ? literal(cursor, row.limit) : undefined;
  if (row.top === null) return { start: undefined, passed };
  const bound = lowerBound(cursor, row.top, window);
  return {
    start: {
      postgres: `(${pgIdent(cursor.received)} >= ${bound.postgres} OR ${pgIdent(cursor.received)} IS NULL)`,
      clickhouse: `(${name} >= ${bound.clickhouse} OR ${name} IS NULL)`,
    },
    passed,
  };
}

/** The clocks of the world are at most this many hours ahead of UTC. */
const aheadOfUtc = 14;

/** SQL of the engine; undefined: every value is believed. */
function upperBound(
  cursor: ColumnReader,
  max: string | number | undefined,
  window: SafetyWindow,
): string | undefined {
  const seconds = Math.ceil(window.seconds);
  const there = `now64(6, 'UTC') + INTERVAL ${aheadOfUtc} HOUR + INTERVAL ${seconds} SECOND`;
  switch (cursorKind(cursor)) {
    case "integer":
      return max === undefined ? undefined : `toInt64(${text(String(max))})`;
    case "date":
      return max === undefined ? `toDate32(${there})` : `toDate32(${text(String(max))})`;
    case "time":
      return max === undefined
        ? `toDateTime64(toString(${there}), 6)`
        : `toDateTime64(${text(String(max))}, 6)`;
    case "instant":
      return max === undefined
        ? `now64(6, 'UTC') + INTERVAL ${seconds} SECOND`
        : `toDateTime64(${text(String(max))}, 6, 'UTC')`;
  }
}

/** A value as the engine prints it, as a literal of PostgreSQL. */
function literal(cursor: ColumnReader, value: string): string {
  switch (cursorKind(cursor)) {
    case "integer":
      return value;
    case "date":
      return `date ${pgText(value)}`;
    case "time":
      return `timestamp ${pgText(value)}`;
    case "instant":
      return `timestamptz ${pgText(`${value}+00`)}`;
  }
}

/** Throws `source` for a `cursorMax` that is no value of the cursor's column. */
export function checkCursorMax(cursor: ColumnReader, max: string | number | undefined, where: string): void {
  if (max === undefined) return;
  const isNumber = cursorKind(cursor) === "integer";
  const fits = isNumber
    ? /^-?\d{1,18}$/.test(String(max))
    : /^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$/.test(String(max)) && !Number.isNaN(Date.parse(String(max)));
  if (fits) return;
  throw new ShoplakeError("source", `cursorMax ${max} is no value of ${cursor.name} (${cursor.declared}).`, {
    where,
    allowed: isNumber ? "a whole number" : "2030-12-31, or 2030-12-31 23:59:59 (UTC for a timestamptz)",
  });
}

function lowerBound(cursor: ColumnReader, top: string, window: SafetyWindow): CursorStart {
  const micros = Math.round(window.seconds * 1e6);
  const days = Math.max(1, Math.ceil(window.seconds / 86_400));
  switch (cursorKind(cursor)) {
    case "integer": {
      const value = String(BigInt(top) - BigInt(Math.ceil(window.units)));
      return { postgres: value, clickhouse: `toInt64(${text(value)})` };
    }
    case "date":
      return {
        postgres: `${literal(cursor, top)} - ${days}`,
        clickhouse: `toDate32(${text(top)}) - INTERVAL ${days} DAY`,
      };
    case "time":
      return {
        postgres: `${literal(cursor, top)} - interval '${micros} microseconds'`,
        clickhouse: `toDateTime64(${text(top)}, 6) - INTERVAL ${micros} MICROSECOND`,
      };
    case "instant":
      return {
        postgres: `${literal(cursor, top)} - interval '${micros} microseconds'`,
        clickhouse: `toDateTime64(${text(top)}, 6, 'UTC') - INTERVAL ${micros} MICROSECOND`,
      };
  }
}

type CursorKind = "integer" | "date" | "time" | "instant";

/** Throws `source` when the column cannot be a cursor. */
export function cursorKind(cursor: ColumnReader): CursorKind {
  const type = cursor.type.replace(/^Nullable\((.*)\)$/, "$1");
  if (/^Int(16|32|64)$/.test(type)) return "integer";
  if (type === "Date32") return "date";
  if (type === "DateTime64(6)") return "time";
  if (type === "DateTime64(6, 'UTC')") return "instant";
  throw new ShoplakeError("source", `Column ${cursor.name} of type ${cursor.declared} cannot be a cursor.`, {
    where: cursor.name,
    allowed: "a column of whole numbers, dates or timestamps that grows with every insert and update",
    hint: "Leave cursor out: then the table is copied whole each time.",
  });
}
