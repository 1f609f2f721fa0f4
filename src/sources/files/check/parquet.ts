/** Parquet files keep their types. */
import type { Column } from "../../../engine/engine.ts";
import { ident, text } from "../../../engine/sql.ts";
import { ShoplakeError } from "../../../util/errors.ts";
import {
  type CheckedAll,
  type CheckedFile,
  eachFile,
  type PlainFile,
  UnusableFile,
} from "../unpack/plain-file.ts";
import type { ReadContext } from "../unpack/unpack.ts";
import { checkNames } from "./names.ts";
import { dateOf, dateText, farRejects, isDate, isFar, withDays } from "./parquet-dates.ts";

/**
 * Row numbers come from the row groups' metadata, so reading in parallel keeps them exact. All rows are wanted: wrong statistics in
 * a file shall lose none.
 */
export const parquetSettings = {
  input_format_parquet_allow_missing_columns: 0,
  input_format_parquet_filter_push_down: 0,
  input_format_parquet_bloom_filter_push_down: 0,
  input_format_parquet_page_filter_push_down: 0,
};

/** Columns with the types of the file; simple ones nullable, because another file may lack them. */
export async function parquetColumns(plain: PlainFile, { context }: ReadContext): Promise<readonly Column[]> {
  const found = await context.engine
    .rows<Column>(`DESCRIBE file(${text(plain.path)}, 'Parquet')`, { signal: context.signal })
    .catch((error: unknown) => {
      context.signal.throwIfAborted();
      if (!(error instanceof ShoplakeError) || error.retryable) throw error;
      throw new UnusableFile("unreadable_file", `The file is no readable Parquet file: ${error.message}.`);
    });
  return found.map(({ name, type }) => ({ name, type: nullable(type) }));
}

/** Files with their counts, from the metadata alone: no row is read. */
export async function checkParquet(plainFiles: readonly PlainFile[], to: ReadContext): Promise<CheckedAll> {
  const refused: CheckedAll["refused"][number][] = [];
  const items = plainFiles.map((plain) => ({ plain }));
  return { checked: await eachFile(items, refused, ({ plain }) => loadOne(plain, to)), refused };
}

async function loadOne(plain: PlainFile, to: ReadContext): Promise<CheckedFile> {
  const columns = await parquetColumns(plain, to);
  checkNames(
    plain.file,
    columns.map(({ name }) => name.trim()),
    ["_row_number"],
  );
  const { rows, far } = await readable(plain, columns, to);
  return far.length === 0
    ? asItIs(plain, columns, rows)
    : withFarDates(asItIs(plain, columns, rows), columns, far, to);
}

function asItIs(plain: PlainFile, columns: readonly Column[], rows: number): CheckedFile {
  return {
    plain,
    columns: columns.map(({ name, type }) => ({ name: name.trim(), type })),
    expressions: new Map(columns.map(({ name }) => [name.trim(), ident(name)])),
    row: "toInt64(_row_number + 1)",
    from: `file(${text(plain.path)}, 'Parquet')`,
    rows,
    rejected: [],
  };
}

/** Dates of declared columns as text, for their types to judge; a record with another date that is far becomes a reject. */
async function withFarDates(
  file: CheckedFile,
  columns: readonly Column[],
  far: readonly string[],
  to: ReadContext,
): Promise<CheckedFile> {
  const { types } = to.config;
  const isDeclared = (name: string) => types[name.trim()] !== undefined;
  const refused = far.filter((name) => !isDeclared(name));
  const rejected =
    refused.length === 0
      ? []
      : await farRejects({ plain: file.plain, columns, far: refused, settings: parquetSettings }, to);
  const from = withDays(file.plain, columns);
  const sound = `(SELECT *, _row_number FROM ${from} WHERE NOT (${refused.map(isFar).join(" OR ")}))`;
  const expressions = columns.map((column): [string, string] => {
    const { name } = column;
    if (!isDate(column)) return [name.trim(), ident(name)];
    return [name.trim(), isDeclared(name) ? dateText(name) : dateOf(name)];
  });
  return {
    ...file,
    columns: file.columns.map((column) =>
      isDate(column) && isDeclared(column.name) ? { ...column, type: "Nullable(String)" } : column,
    ),
    expressions: new Map(expressions),
    from: refused.length === 0 ? from : sound,
    rows: file.rows - rejected.length,
    rejected,
  };
}

/**
 * Rows of the file, and its columns with dates that the engine does not have; throws when not all of its values can be read.
 * They are read here already, because a statement that reads many files cannot say which of them is broken, and would take none.
 */
async function readable(
  plain: PlainFile,
  columns: readonly Column[],
  { context }: ReadContext,
): Promise<{ readonly rows: number; readonly far: readonly string[] }> {
  const dates = columns.filter(isDate).map(({ name }) => name);
  const from = dates.length === 0 ? `file(${text(plain.path)}, 'Parquet')` : withDays(plain, columns);
  const all = columns.map(({ name }) => ident(name)).join(", ");
  const far = dates.map((name) => `countIf(${isFar(name)}) > 0`).join(", ");
  const [found] = await context.engine.rows<{ rows: string; far: readonly (number | boolean)[] }>(
    `SELECT count() AS rows, [${far}] AS far FROM ${from}${all === "" ? "" : ` WHERE NOT ignore(${all})`}`,
    { settings: parquetSettings, signal: context.signal },
  );
  return { rows: Number(found?.rows ?? 0), far: dates.filter((_, i) => Number(found?.far[i] ?? 0) > 0) };
}

function nullable(type: string): string {
  return /^(Nullable|Array|Map|Tuple|LowCardinality|Variant|Dynamic|JSON|Nested|Nothing)\b/.test(type)
    ? type
    : `Nullable(${type})`;
}
