/**
 * How ClickHouse types are kept in Delta Lake. ClickHouse has more types than Delta: the original type stays in the
 * field's metadata (`shoplake.type`), the file holds the nearest exact type, and reading gives the original back.
 */
import { ident } from "../engine/sql.ts";
import { ShoplakeError } from "../util/errors.ts";
import type { DeltaType } from "./delta/delta-types.ts";

/** A ClickHouse type as Delta sees it. */
export interface KeptType {
  /** As the schema of the table has it. */
  readonly delta: DeltaType;
  /** The ClickHouse type whose Parquet form every Delta reader understands; holds every value of the original. */
  readonly storage: string;
  /** Whether the original takes NULL. */
  readonly nullable: boolean;
}

interface ParsedType {
  readonly name: string;
  readonly args: readonly string[];
}

const exact: Readonly<Record<string, readonly [delta: string, storage: string]>> = {
  Bool: ["boolean", "Bool"],
  Int8: ["byte", "Int8"],
  Int16: ["short", "Int16"],
  Int32: ["integer", "Int32"],
  Int64: ["long", "Int64"],
  UInt8: ["short", "Int16"],
  UInt16: ["integer", "Int32"],
  UInt32: ["long", "Int64"],
  UInt64: ["decimal(20,0)", "Decimal(20, 0)"],
  Float32: ["float", "Float32"],
  Float64: ["double", "Float64"],
  BFloat16: ["float", "Float32"],
  String: ["string", "String"],
  Date: ["date", "Date32"],
  Date32: ["date", "Date32"],
};

/** Types without an exact counterpart that survive as text. */
const asText = new Set([
  "FixedString",
  "UUID",
  "IPv4",
  "IPv6",
  "Enum8",
  "Enum16",
  "Int128",
  "Int256",
  "UInt128",
  "UInt256",
]);

const timestamp: KeptType = { delta: "timestamp", storage: "DateTime64(6, 'UTC')", nullable: false };

/** Splits a type text at the top level: "Map(String, Array(Int8))" -> Map, ["String", "Array(Int8)"]. */
export function parseType(type: string): ParsedType {
  const open = type.indexOf("(");
  if (open < 0) return { name: type.trim(), args: [] };
  return {
    name: type.slice(0, open).trim(),
    args: splitArguments(type.slice(open + 1, type.lastIndexOf(")"))),
  };
}

function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = "";
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (quote !== "") {
      if (char === "\\") i++;
      else if (char === quote) quote = "";
    } else if (char === "'" || char === "`") quote = char;
    else if (char === "(") depth++;
    else if (char === ")") depth--;
    else if (char === "," && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === "" ? parts : [...parts, last];
}

/**
 * The Delta form of a ClickHouse type.
 * Throws `unsupported` for types whose values cannot be kept exactly (JSON, Dynamic, nanoseconds, null structs, ...);
 * `where` names the column in that error.
 */
export function keepType(type: string, where: string): KeptType {
  const parsed = parseType(type);
  const simple = exact[parsed.name];
  if (simple !== undefined) return { delta: simple[0], storage: simple[1], nullable: false };
  if (asText.has(parsed.name)) return { delta: "string", storage: "String", nullable: false };
  switch (parsed.name) {
    case "DateTime":
      return timestamp;
    case "DateTime64":
      if (Number(parsed.args[0] ?? "3") <= 6) return timestamp;
      throw refuse(type, where, "Delta keeps microseconds; use DateTime64(6), or Int64 with the nanoseconds");
    case "Decimal":
      return keepDecimal(parsed);
    case "LowCardinality":
      return keepType(parsed.args[0] ?? "", where);
    case "Nullable":
      return keepNullable(type, parsed.args[0] ?? "", where);
    case "Array":
      return keepArray(parsed.args[0] ?? "", where);
    case "Nested":
      return keepArray(`Tuple(${parsed.args.join(", ")})`, where);
    case "Map":
      return keepMap(parsed.args, where);
    case "Tuple":
      return keepTuple(parsed.args, where);
    default:
      throw refuse(
        type,
        where,
        "convert it in the SELECT, e.g. with toJSONString(), toString() or finalizeAggregation()",
      );
  }
}

function keepDecimal(parsed: ParsedType): KeptType {
  const [precision = "10", scale = "0"] = parsed.args;
  if (Number(precision) > 38) return { delta: "string", storage: "String", nullable: false };
  return {
    delta: `decimal(${precision},${scale})`,
    storage: `Decimal(${precision}, ${scale})`,
    nullable: false,
  };
}

function keepNullable(type: string, inner: string, where: string): KeptType {
  const kept = keepType(inner, where);
  if (typeof kept.delta !== "string")
    throw refuse(
      type,
      where,
      "a null tuple cannot be told from a tuple of nulls in Parquet; flatten it into columns",
    );
  return { delta: kept.delta, storage: `Nullable(${kept.storage})`, nullable: true };
}

function keepArray(inner: string, where: string): KeptType {
  const element = keepType(inner, where);
  return {
    delta: { type: "array", elementType: element.delta, containsNull: element.nullable },
    storage: `Array(${element.storage})`,
    nullable: false,
  };
}

function keepMap(args: readonly string[], where: string): KeptType {
  const key = keepType(args[0] ?? "", where);
  const value = keepType(args[1] ?? "", where);
  return {
    delta: { type: "map", keyType: key.delta, valueType: value.delta, valueContainsNull: value.nullable },
    storage: `Map(${key.storage}, ${value.storage})`,
    nullable: false,
  };
}

function keepTuple(args: readonly string[], where: string): KeptType {
  const elements = args.map((arg, index) => {
    const named = /^(`(?:[^`\\]|\\.)*`|[A-Za-z_][A-Za-z0-9_]*)\s+(.+)$/s.exec(arg);
    const name = unquote(named?.[1] ?? String(index + 1));
    return { name, kept: keepType(named?.[2] ?? arg, where) };
  });
  return {
    delta: {
      type: "struct",
      fields: elements.map(({ name, kept }) => ({
        name,
        type: kept.delta,
        nullable: kept.nullable,
        metadata: {},
      })),
    },
    storage: `Tuple(${elements.map(({ name, kept }) => `${ident(name)} ${kept.storage}`).join(", ")})`,
    nullable: false,
  };
}

function unquote(name: string): string {
  return name.startsWith("`") ? name.slice(1, -1).replace(/\\(.)/g, "$1") : name;
}

function refuse(type: string, where: string, hint: string): ShoplakeError {
  return new ShoplakeError("unsupported", `the lake cannot keep values of type ${type} exactly`, {
    where,
    allowed:
      "Bool, integers, floats, Decimal, String, FixedString, UUID, IPv4, IPv6, Enum, Date, Date32, DateTime, DateTime64 up to microseconds, and Nullable, LowCardinality, Array, Map, Tuple of them",
    hint,
  });
}
