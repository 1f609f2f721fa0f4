/** ClickHouse types -> PostgreSQL types, and the SELECT expression whose TSV text PostgreSQL's COPY reads to the same value. */
import type { Column } from "../../engine/engine.ts";
import { ident } from "../../engine/sql.ts";
import { ShoplakeError } from "../../util/errors.ts";

/** A column of a dataset as PostgreSQL has it. */
export interface TargetColumn {
  /** At most 63 bytes, PostgreSQL's limit. */
  readonly name: string;
  /** As PostgreSQL's format_type prints it: "numeric(18,4)", "timestamp with time zone". */
  readonly type: string;
  /** Whether the dataset's type takes no NULL. */
  readonly notNull: boolean;
  /** ClickHouse expression that yields the text to copy. */
  readonly select: string;
  /** Values are text, which in ClickHouse may hold a NUL byte; PostgreSQL has no room for one. */
  readonly isText: boolean;
}

const plain: Readonly<Record<string, string>> = {
  Bool: "boolean",
  Int8: "smallint",
  Int16: "smallint",
  Int32: "integer",
  Int64: "bigint",
  Int128: "numeric(39,0)",
  Int256: "numeric(77,0)",
  UInt8: "smallint",
  UInt16: "integer",
  UInt32: "bigint",
  UInt64: "numeric(20,0)",
  UInt128: "numeric(39,0)",
  UInt256: "numeric(78,0)",
  Float32: "real",
  Float64: "double precision",
  Date: "date",
  Date32: "date",
  UUID: "uuid",
};

const texts = new Set(["String", "FixedString", "Enum8", "Enum16", "IPv4", "IPv6", "Nothing"]);
const documents = new Set(["Tuple", "Map", "Nested", "JSON", "Object", "Variant", "Dynamic", "Point"]);

/**
 * Columns of the target table. Throws `sink` for what has no exact counterpart: nanoseconds, states of aggregate functions.
 */
export function targetColumns(columns: readonly Column[], dataset: string): TargetColumn[] {
  return columns.map(({ name, type }) => {
    const where = `${dataset}, column ${name}`;
    if (Buffer.byteLength(name) > 63)
      throw new ShoplakeError("sink", `The column name is too long for PostgreSQL.`, {
        where,
        allowed: "63 bytes",
        hint: "Rename it in the model with AS.",
      });
    const { inner, nullable } = unwrap(type);
    const scalar = scalarOf(inner, ident(name), where);
    const target = scalar ?? arrayOf(inner, ident(name), where) ?? documentOf(ident(name));
    return { name, notNull: !nullable, ...target };
  });
}

type Target = Pick<TargetColumn, "type" | "select" | "isText">;

/** undefined: not a scalar. */
function scalarOf(type: string, value: string, where: string): Target | undefined {
  const { head, args } = split(type);
  const known = plain[head];
  if (known !== undefined) return { type: known, select: value, isText: false };
  if (texts.has(head)) return { type: "text", select: value, isText: true };
  if (head === "Decimal")
    return { type: `numeric(${args[0]},${args[1] ?? 0})`, select: value, isText: false };
  if (head === "DateTime" || head === "DateTime64") return timeOf(head, args, { value, where });
  if (head === "Array" || documents.has(head)) return undefined;
  throw new ShoplakeError("sink", `Values of type ${type} have no counterpart in PostgreSQL.`, {
    where,
    hint: "Convert the column in the model, e.g. with toString() or finalizeAggregation().",
  });
}

/** With a timezone it is an instant; without one it is a wall-clock time, as bronze keeps PostgreSQL's `timestamp`. */
function timeOf(
  head: string,
  args: readonly string[],
  { value, where }: { readonly value: string; readonly where: string },
): Target {
  const digits = head === "DateTime" ? 0 : Number(args[0] ?? 3);
  const zone = head === "DateTime" ? args[0] : args[1];
  if (digits > 6)
    throw new ShoplakeError("sink", "PostgreSQL keeps microseconds, this column holds finer times.", {
      where,
      hint: "Convert it in the model: toDateTime64(x, 6, 'UTC').",
    });
  return zone === undefined
    ? { type: `timestamp(${digits}) without time zone`, select: value, isText: false }
    : { type: `timestamp(${digits}) with time zone`, select: `toTimeZone(${value}, 'UTC')`, isText: false };
}

/** Arrays of scalars as PostgreSQL arrays, every element quoted; undefined for other types. */
function arrayOf(type: string, value: string, where: string): Target | undefined {
  const { head, args } = split(type);
  if (head !== "Array") return undefined;
  const element = scalarOf(unwrap(args.join(", ")).inner, "x", where);
  if (element === undefined) return undefined;
  const quoted = `concat('"', replaceRegexpAll(toString(${element.select}), '(["\\\\\\\\])', '\\\\\\\\\\\\1'), '"')`;
  const list = `arrayStringConcat(arrayMap(x -> ifNull(${quoted}, 'NULL'), ${value}), ',')`;
  return { type: `${element.type}[]`, select: `concat('{', ${list}, '}')`, isText: element.isText };
}

function documentOf(value: string): Target {
  return { type: "jsonb", select: `toJSONString(${value})`, isText: true };
}

function unwrap(type: string): { inner: string; nullable: boolean } {
  const { head, args } = split(type);
  const inside = args.join(", ");
  if (head === "Nullable") return { inner: inside, nullable: true };
  if (head === "LowCardinality") return unwrap(inside);
  if (head === "SimpleAggregateFunction") return unwrap(args.slice(1).join(", "));
  return { inner: type, nullable: false };
}

/** "Decimal(18, 4)" -> Decimal, ["18", "4"]; only the outermost level. */
function split(type: string): { head: string; args: string[] } {
  const open = type.indexOf("(");
  if (open < 0) return { head: type, args: [] };
  const args: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let i = start; i < type.length; i++) {
    const char = type[i];
    if (char === "(") depth++;
    else if ((char === "," && depth === 0) || (char === ")" && depth-- === 0)) {
      args.push(type.slice(start, i).trim());
      start = i + 1;
    }
  }
  return { head: type.slice(0, open), args };
}
