/**
 * Where an incremental copy starts: a safety window behind the greatest cursor value in bronze, inclusive, so that rows of
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

/** undefined: bronze holds no cursor value, so everything must be read. */
export async function cursorStart(
  engine: Engine,
  bronze: string,
  cursor: ColumnReader,
  window: SafetyWindow,
): Promise<CursorStart | undefined> {
  const name = ident(cursor.name);
  const [row] = await engine.rows<{ top: string | null }>(
    `SELECT toString(maxOrNull(${name})) AS top FROM ${bronze} WHERE ${name} IS NOT NULL`,
  );
  if (row === undefined || row.top === null) return undefined;
  const bound = lowerBound(cursor, row.top, window);
  return {
    postgres: `(${pgIdent(cursor.received)} >= ${bound.postgres} OR ${pgIdent(cursor.received)} IS NULL)`,
    clickhouse: `(${name} >= ${bound.clickhouse} OR ${name} IS NULL)`,
  };
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
        postgres: `date ${pgText(top)} - ${days}`,
        clickhouse: `toDate32(${text(top)}) - INTERVAL ${days} DAY`,
      };
    case "time":
      return {
        postgres: `timestamp ${pgText(top)} - interval '${micros} microseconds'`,
        clickhouse: `toDateTime64(${text(top)}, 6) - INTERVAL ${micros} MICROSECOND`,
      };
    case "instant":
      return {
        postgres: `timestamptz ${pgText(`${top}+00`)} - interval '${micros} microseconds'`,
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
