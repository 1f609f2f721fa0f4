/** Dates of Parquet files before 1900 or after 2299: no date type of the engine holds them, so all are read as numbers of days. */
import type { Column } from "../../../engine/engine.ts";
import { ident, text } from "../../../engine/sql.ts";
import type { RejectedInput } from "../../source.ts";
import type { PlainFile } from "../unpack/plain-file.ts";
import type { ReadContext } from "../unpack/unpack.ts";
import { keepReject, mostRejects } from "./rejects.ts";
import { type BrokenRecord, rejectOfRecord } from "./typed.ts";

const dateType = "Nullable(Date32)";
/** Days since 1970-01-01 of the first and the last date that the engine holds. */
const firstDay = -25_567;
const lastDay = 120_530;
/** Days of 400 years, after which the calendar repeats itself. */
const cycle = 146_097;

/** True for a column of dates. */
export function isDate({ type }: Column): boolean {
  return type === dateType;
}

/** Table expression of the file with days in the place of dates. */
export function withDays(plain: PlainFile, columns: readonly Column[]): string {
  const structure = columns
    .map((column) => `${ident(column.name)} ${isDate(column) ? "Nullable(Int32)" : column.type}`)
    .join(", ");
  return `file(${text(plain.path)}, 'Parquet', ${text(structure)})`;
}

/** Condition on days: the engine has no such date. NULL is none. */
export function isFar(column: string): string {
  return `ifNull(${ident(column)} NOT BETWEEN ${firstDay} AND ${lastDay}, 0)`;
}

/** Date of days that are not far. */
export function dateOf(column: string): string {
  return `addDays(toDate32('1970-01-01'), ${ident(column)})`;
}

/** Text of days, whatever the year: 9999-12-31. */
export function dateText(column: string): string {
  const shifted = `(toInt64(${ident(column)}) - ${firstDay})`;
  const day = `addDays(toDate32('1970-01-01'), positiveModulo(${shifted}, ${cycle}) + ${firstDay})`;
  const year = `toYear(${day}) + 400 * intDiv(${shifted} - positiveModulo(${shifted}, ${cycle}), ${cycle})`;
  return `concat(leftPad(toString(${year}), 4, '0'), formatDateTime(${day}, '-%m-%d'))`;
}

/** A file with far dates. */
export interface FarFile {
  /** The file. */
  readonly plain: PlainFile;
  /** All of its columns. */
  readonly columns: readonly Column[];
  /** Those in which a far date is refused. */
  readonly far: readonly string[];
  /** Of every statement that reads the file. */
  readonly settings: Readonly<Record<string, number>>;
}

/** The records with a far date in one of the columns, each with the first of them. */
export async function farRejects(
  { plain, columns, far, settings }: FarFile,
  { config, context }: ReadContext,
): Promise<RejectedInput[]> {
  const first = (value: (column: string) => string) =>
    `multiIf(${far.map((column) => `${isFar(column)}, ${value(column)}`).join(", ")}, '')`;
  const pairs = columns.map(
    (column) =>
      `${text(column.name)}, ${isDate(column) ? dateText(column.name) : `toString(${ident(column.name)})`}`,
  );
  const found = await context.engine.rows<BrokenRecord>(
    `SELECT ${text(plain.file)} AS file, toString(_row_number + 1) AS row, ${first((column) => text(`invalid_${column.trim()}`))} AS rule,
       concat(${first((column) => `concat(${text(`${column} is `)}, ifNull(${dateText(column)}, ''))`)}, ': a date holds 1900 to 2299. Declare the column as Nullable(String) in \`types\` to keep it as text.') AS reason,
       toJSONString(CAST(map(${pairs.join(", ")}), 'Map(String, Nullable(String))')) AS raw
     FROM ${withDays(plain, columns)} WHERE ${far.map(isFar).join(" OR ")} ORDER BY _row_number LIMIT ${mostRejects + 1}`,
    { settings, signal: context.signal },
  );
  const rejected: RejectedInput[] = [];
  for (const record of found) keepReject(rejected, rejectOfRecord(record, config.key));
  return rejected;
}
