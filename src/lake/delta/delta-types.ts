/** Delta's own types, and the ClickHouse types that read what another program wrote in them. */
import { ident } from "../../engine/sql.ts";
import { ShoplakeError } from "../../util/errors.ts";

export type DeltaType = string | DeltaArray | DeltaMap | DeltaStruct;
export interface DeltaArray {
  readonly type: "array";
  readonly elementType: DeltaType;
  readonly containsNull: boolean;
}
export interface DeltaMap {
  readonly type: "map";
  readonly keyType: DeltaType;
  readonly valueType: DeltaType;
  readonly valueContainsNull: boolean;
}
export interface DeltaStruct {
  readonly type: "struct";
  readonly fields: readonly DeltaField[];
}
export interface DeltaField {
  readonly name: string;
  readonly type: DeltaType;
  readonly nullable: boolean;
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
