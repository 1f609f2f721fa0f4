/** Values of a partition: their SQL, their folder names (Hive style), their spelling in the log. */
import { ident } from "../engine/sql.ts";

const nullFolder = "__HIVE_DEFAULT_PARTITION__";

/**
 * SQL text that gives a row's partition value as the log spells it (Nullable(String)): compare it with
 * `DataFile.partition` or the names in `remove: { partitions }`. An empty text is null, as everywhere in Delta.
 */
export function partitionValueSql(partitionBy: string, isColumn: boolean): string {
  const value = isColumn ? ident(partitionBy) : `(${partitionBy})`;
  return `nullIf(toString(${value}), '')`;
}

/** SQL text of the folder's value: percent-encoded, so every reader finds the same value in the path. */
export function folderSql(column: string): string {
  const value = ident(column);
  return `ifNull(encodeURLComponent(nullIf(toString(${value}), '')), '${nullFolder}')`;
}

/** "silver/orders/day=2026-01-01/part-x.parquet" -> "2026-01-01" for column `day`; null for the null partition. */
export function partitionOfKey(key: string, column: string): string | null {
  const segment = key.split("/").find((part) => part.startsWith(`${column}=`)) ?? "";
  const value = segment.slice(column.length + 1);
  return value === nullFolder || value === "" ? null : decodeURIComponent(value);
}

/** The path as `add.path` spells it: URI-encoded, folder by folder. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeSegment).join("/");
}

/** `=` stays readable; encodeURIComponent leaves nothing that a URI path forbids. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll("%3D", "=");
}

/** The inverse of encodePath, for paths any Delta writer made. */
export function decodePath(path: string): string {
  return decodeURIComponent(path);
}
