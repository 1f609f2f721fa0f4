/**
 * PostgreSQL types -> the ClickHouse types of bronze, and the SELECT expression whose COPY text ClickHouse reads back to the
 * same value. What has no exact counterpart is kept as the text PostgreSQL prints; a value outside of the range of its
 * counterpart stops the copy with an error that names it (see `guard`).
 */
import type { Column } from "../../../engine/engine.ts";
import { own } from "../../../util/own.ts";
import { pgIdent, pgText } from "../../../util/postgres.ts";
import type { CatalogColumn, CatalogTable } from "./catalog.ts";

/** How one column is read. */
export interface ColumnReader extends Column {
  /** The column's name at the source; `name` is the one in bronze. */
  readonly received: string;
  /** Expression of the COPY's SELECT. */
  readonly select: string;
  /** As PostgreSQL prints the type, for messages. */
  readonly declared: string;
}

const plain: Readonly<Record<string, string>> = {
  bool: "Bool",
  int2: "Int16",
  int4: "Int32",
  int8: "Int64",
  oid: "UInt32",
  float4: "Float32",
  float8: "Float64",
  uuid: "UUID",
};

/** ClickHouse keeps dates and times of these years only. */
const years = ["1900-01-01", "2300-01-01"] as const;

interface Mapping {
  readonly type: string;
  readonly select: string;
}

/** Readers of a table's columns. `asText` names columns to keep as the text PostgreSQL prints. */
export function columnReaders(
  table: CatalogTable,
  key: readonly string[],
  asText: readonly string[],
): ColumnReader[] {
  const label = keyLabel(key);
  return table.columns.map((column) => {
    const { type, select } = asText.includes(column.name)
      ? { type: "String", select: `${pgIdent(column.name)}::text` }
      : mapping(column, label);
    return {
      name: column.name,
      received: column.name,
      type: column.notNull ? type : `Nullable(${type})`,
      select,
      declared: column.declared,
    };
  });
}

function mapping(column: CatalogColumn, key: string): Mapping {
  const name = pgIdent(column.name);
  const type = own(plain, column.type);
  if (type !== undefined) return { type, select: name };
  if (column.isArray) return { type: "String", select: `to_json(${name})::text` };
  switch (column.type) {
    case "numeric":
      return numeric(column, key);
    case "date":
      return { type: "Date32", select: guard(column, inYears(name, "date"), name, key) };
    case "timestamp":
      return { type: "DateTime64(6)", select: guard(column, inYears(name, "timestamp"), name, key) };
    case "timestamptz": {
      const utc = `${name} AT TIME ZONE 'UTC'`;
      return { type: "DateTime64(6, 'UTC')", select: guard(column, inYears(name, "timestamptz"), utc, key) };
    }
    case "bytea":
      return { type: "String", select: `encode(${name}, 'hex')` };
    case "money":
      return { type: "String", select: `${name}::numeric::text` };
    default:
      return { type: "String", select: `${name}::text` };
  }
}

/** numeric(p, s) with its digits; without precision, or with more digits than ClickHouse has, as text. */
function numeric(column: CatalogColumn, key: string): Mapping {
  const name = pgIdent(column.name);
  const size = decimalSize(column.modifier);
  if (size === undefined) return { type: "String", select: `${name}::text` };
  return {
    type: `Decimal(${size.precision}, ${size.scale})`,
    select: guard(column, `${name} <> 'NaN'`, name, key),
  };
}

/**
 * The modifier holds (precision << 16 | scale as 11 bits, signed) + 4; since PostgreSQL 15 a scale may be negative or larger than
 * the precision: numeric(3,-2) holds 12300, numeric(2,4) holds 0.0012.
 */
function decimalSize(modifier: number): { precision: number; scale: number } | undefined {
  if (modifier < 4) return undefined;
  const precision = (modifier - 4) >> 16;
  const bits = (modifier - 4) & 0x7ff;
  const scale = bits >= 0x400 ? bits - 0x800 : bits;
  const digits = Math.max(precision, scale, precision - scale);
  return digits > 76 ? undefined : { precision: digits, scale: Math.max(scale, 0) };
}

function inYears(name: string, type: string): string {
  return `${name} >= ${type} '${years[0]}' AND ${name} < ${type} '${years[1]}'`;
}

const marker = "shoplake cannot keep";

/**
 * `value` when `condition` holds (or the column is NULL); else the copy fails, because the text of the offending value and its key
 * is cast to the column's type. PostgreSQL then prints that text, and `refusedValue` reads it back.
 */
function guard(column: CatalogColumn, condition: string, value: string, key: string): string {
  const name = pgIdent(column.name);
  const type = column.type === "timestamptz" ? "timestamp" : column.type;
  const text = `${pgText(`${marker}|${column.name}|`)} || ${name}::text || '|' || ${key}`;
  return `CASE WHEN ${condition} THEN ${value} ELSE (${text})::${type} END`;
}

function keyLabel(key: readonly string[]): string {
  if (key.length === 0) return "''";
  return key
    .map((name) => `${pgText(`${name} `)} || coalesce(${pgIdent(name)}::text, 'NULL')`)
    .join(" || ', ' || ");
}

/** A value that has no place in its bronze type. */
export interface RefusedValue {
  /** Of the table at the source. */
  readonly column: string;
  /** As PostgreSQL prints it. */
  readonly value: string;
  /** "order_id 17"; empty when the table has no key. */
  readonly key: string;
}

/** The value that a guard refused, from PostgreSQL's error message; undefined for other errors. */
export function refusedValue(message: string): RefusedValue | undefined {
  const match = new RegExp(`"${marker}\\|(.*?)\\|([^|]*)\\|(.*)"`, "s").exec(message);
  if (match === null) return undefined;
  const [, column = "", value = "", key = ""] = match;
  return { column, value, key };
}
