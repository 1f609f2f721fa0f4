/** Delta's own types, and the ClickHouse types that read what another program wrote in them. */
import { ident } from "../../engine/sql.ts";
import { ShoplakeError } from "../../util/errors.ts";

/** A name such as "long" or "decimal(10,2)", or a nested type. JSON form of the Delta protocol. */
export type DeltaType = string | DeltaArray | DeltaMap | DeltaStruct;
/** JSON form of the protocol. */
export interface DeltaArray {
  /** Tells the nested types apart. */
  readonly type: "array";
  /** Of each element. */
  readonly elementType: DeltaType;
  /** Whether elements may be NULL. */
  readonly containsNull: boolean;
}
/** JSON form of the protocol. */
export interface DeltaMap {
  /** Tells the nested types apart. */
  readonly type: "map";
  /** Keys are never NULL. */
  readonly keyType: DeltaType;
  /** Of each value. */
  readonly valueType: DeltaType;
  /** Whether values may be NULL. */
  readonly valueContainsNull: boolean;
}
/** Columns of a table, or of a nested value. */
export interface DeltaStruct {
  /** Tells the nested types apart. */
  readonly type: "struct";
  /** In their order. */
  readonly fields: readonly DeltaField[];
}
/** A column, or a part of a nested value. */
export interface DeltaField {
  /** As spelled by its writer; some readers ignore upper and lower case. */
  readonly name: string;
  /** Of its values. */
  readonly type: DeltaType;
  /** Whether values may be NULL. */
  readonly nullable: boolean;
  /** What writers note; ours keep the ClickHouse type here. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The ClickHouse type of a Delta type that another program wrote. Null arrays, maps and structs become empty ones. */
export function clickhouseType(type: DeltaType, nullable: boolean): string {
  if (typeof type === "string") {
    const plain = plainType(type);
    return nullable ? `Nullable(${plain})` : plain;
  }
  if (type.type === "array") return `Array(${clickhouseType(type.elementType, type.containsNull)})`;
  if (type.type === "map")
    return `Map(${clickhouseType(type.keyType, false)}, ${clickhouseType(type.valueType, type.valueContainsNull)})`;
  return `Tuple(${type.fields.map((field) => `${ident(field.name)} ${clickhouseType(field.type, field.nullable)}`).join(", ")})`;
}

const plainTypes: Readonly<Record<string, string>> = {
  boolean: "Bool",
  byte: "Int8",
  short: "Int16",
  integer: "Int32",
  long: "Int64",
  float: "Float32",
  double: "Float64",
  string: "String",
  binary: "String",
  date: "Date32",
  timestamp: "DateTime64(6, 'UTC')",
  timestamp_ntz: "DateTime64(6, 'UTC')",
};

function plainType(type: string): string {
  const known = plainTypes[type];
  if (known !== undefined) return known;
  const decimal = /^decimal\((\d+),\s*(-?\d+)\)$/.exec(type);
  if (decimal !== null) return `Decimal(${decimal[1]}, ${decimal[2]})`;
  throw new ShoplakeError("unsupported", `Delta type ${type} cannot be read`, {
    allowed: `${Object.keys(plainTypes).join(", ")}, decimal, array, map, struct`,
  });
}
