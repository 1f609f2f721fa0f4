/** The columns of a dataset <-> the schema of its Delta table. */
import type { Column } from "../../engine/engine.ts";
import { ident } from "../../engine/sql.ts";
import { ShoplakeError } from "../../util/errors.ts";
import { keepType, parseType } from "../types.ts";
import { clickhouseType, type DeltaField, type DeltaStruct } from "./delta-types.ts";

/** The hidden partition column of tables that are partitioned by an expression. */
export const partColumn = "_part";
const typeKey = "shoplake.type";

/** A column with the type its values have inside data files. */
export interface StoredColumn extends Column {
  /** A ClickHouse type that Parquet and Delta have too; it holds every value of `type`. */
  readonly storage: string;
}

/**
 * Checks names and types and gives the storage types. Throws `unsupported` or `lake` errors that name the column.
 * Delta readers without column mapping take no blanks and none of ,;{}()= in names, and some ignore upper and lower case.
 */
export function storedColumns(columns: readonly Column[], dataset: string): StoredColumn[] {
  const seen = new Map<string, string>();
  if (columns.length === 0)
    throw new ShoplakeError("lake", "a dataset needs at least one column", { where: dataset });
  return columns.map(({ name, type }) => {
    const where = `${dataset}, column ${name}`;
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined)
      throw new ShoplakeError("lake", `columns ${twin} and ${name} differ only in upper and lower case`, {
        where,
        hint: "rename one of them in the SELECT",
      });
    if (name === "" || name === partColumn || /[ ,;{}()\n\t=]/.test(name))
      throw new ShoplakeError("lake", `"${name}" cannot be a column name in the lake`, {
        where,
        allowed: `names without blanks and , ; { } ( ) =, other than ${partColumn}`,
        hint: "rename it in the SELECT with AS",
      });
    seen.set(name.toLowerCase(), name);
    return { name, type, storage: keepType(type, where).storage };
  });
}

/** `name type, name type` for a table function, with the storage types or the original ones. */
export function structureOf(columns: readonly Column[]): string {
  return columns.map((column) => `${ident(column.name)} ${column.type}`).join(", ");
}

/** Fields of `previous` whose column did not change are kept as they are, with whatever another program noted there. */
export function toDeltaSchema(
  columns: readonly Column[],
  dataset: string,
  partition: string | undefined,
  previous: DeltaStruct | undefined,
): DeltaStruct {
  const old = new Map(previous?.fields.map((field) => [field.name, field]));
  const fields: DeltaField[] = columns.map(({ name, type }) => {
    const before = old.get(name);
    if (before !== undefined && columnOf(before).type === type) return before;
    const kept = keepType(type, `${dataset}, column ${name}`);
    const late = previous !== undefined && before === undefined;
    return { name, type: kept.delta, nullable: kept.nullable || late, metadata: { [typeKey]: type } };
  });
  if (partition === partColumn)
    fields.push({ name: partColumn, type: "string", nullable: true, metadata: {} });
  return { type: "struct", fields };
}

/** The original ClickHouse types; for fields another program wrote or changed, the nearest type. Without the hidden column. */
export function fromDeltaSchema(schema: DeltaStruct): Column[] {
  return schema.fields.filter((field) => field.name !== partColumn).map(columnOf);
}

function columnOf(field: DeltaField): Column {
  const original = field.metadata[typeKey];
  if (typeof original === "string") {
    const kept = keepType(original, field.name);
    if (JSON.stringify(kept.delta) === JSON.stringify(field.type))
      return { name: field.name, type: original };
  }
  return { name: field.name, type: clickhouseType(field.type, field.nullable) };
}

/** The same type with room for NULL where ClickHouse has it (not for Array, Map, Tuple): UInt8 -> Nullable(UInt8). */
export function nullableType(type: string): string {
  const { name, args } = parseType(type);
  if (["Nullable", "Array", "Map", "Tuple", "Nested"].includes(name)) return type;
  if (name === "LowCardinality") return `LowCardinality(${nullableType(args[0] ?? "String")})`;
  return `Nullable(${type})`;
}

/** Whether values of a ClickHouse type may be NULL, also inside LowCardinality. */
export function isNullable(type: string): boolean {
  const { name, args } = parseType(type);
  return name === "Nullable" || (name === "LowCardinality" && isNullable(args[0] ?? ""));
}

function plain(storage: string): string {
  return storage.startsWith("Nullable(") ? storage.slice("Nullable(".length, -1) : storage;
}

/**
 * The columns of a table after `incoming` was added: new columns are appended and become Nullable, a column that gets
 * Nullable values becomes Nullable, and otherwise the existing type stays. With `rows` (rows of exactly these columns come
 * in) a column that they lack becomes Nullable too.
 * Throws `lake` when a column's values cannot be kept beside the older ones (another storage type).
 */
export function mergeColumns(
  existing: readonly Column[],
  incoming: readonly Column[],
  dataset: string,
  rows: boolean,
): Column[] {
  const byName = new Map(incoming.map((column) => [column.name, column]));
  const merged = existing.map((column) => {
    const next = byName.get(column.name);
    byName.delete(column.name);
    if (next !== undefined) return mergeColumn(column, next, dataset);
    return rows ? { name: column.name, type: nullableType(column.type) } : column;
  });
  for (const column of byName.values()) merged.push({ name: column.name, type: nullableType(column.type) });
  return merged;
}

function mergeColumn(column: Column, next: Column, dataset: string): Column {
  const where = `${dataset}, column ${column.name}`;
  const old = plain(keepType(column.type, where).storage);
  const fresh = plain(keepType(next.type, where).storage);
  if (old !== fresh)
    throw new ShoplakeError("lake", `type ${next.type} does not fit the existing type ${column.type}`, {
      where,
      hint: `convert the column to ${column.type} in the SELECT, or rebuild the dataset with --full-refresh`,
    });
  return isNullable(next.type) && !isNullable(column.type)
    ? { name: column.name, type: nullableType(column.type) }
    : column;
}
