/** Rows of a SELECT: in any format of the engine as they come, or the first ones as values. */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Column, Engine, QueryOptions } from "../engine/engine.ts";
import { ShoplakeError } from "../util/errors.ts";

/** Short names of the formats; every other name is ClickHouse's own, e.g. Parquet, XML, JSONCompact. */
export const formats: Readonly<Record<string, string>> = {
  json: "JSONEachRow",
  ndjson: "JSONEachRow",
  csv: "CSVWithNames",
  tsv: "TSVWithNames",
  markdown: "Markdown",
  vertical: "Vertical",
  parquet: "Parquet",
};

/** Numbers that JavaScript would round arrive as text, money with all its digits. */
const exactNumbers = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
  output_format_decimal_trailing_zeros: 1,
};

/** A SELECT that was found fit to run. */
export interface RowsRequest {
  /** One SELECT. */
  readonly sql: string;
  /** Parameters, settings, the signal that stops it. */
  readonly options: QueryOptions;
}

/** All rows as bytes. `format`: a short name of `formats`, or a ClickHouse format. Throws `engine` for what the engine refuses. */
export function rowsAs(engine: Engine, { sql, options }: RowsRequest, format: string): Promise<Readable> {
  const settings = {
    ...exactNumbers,
    ...(format === "json" ? { output_format_json_array_of_rows: 1 } : {}),
    ...options.settings,
  };
  return engine.download(sql, formats[format] ?? format, { ...options, settings });
}

/** The beginning of a result. */
export interface FirstRows {
  /** Names and types of the engine, in the order of the SELECT. */
  readonly columns: readonly Column[];
  /** Values in the order of the columns: text, number, true, null, lists and objects of these. */
  readonly rows: readonly (readonly unknown[])[];
  /** True when there are rows beyond. */
  readonly more: boolean;
}

/** At most `limit` rows. What comes after is not read. */
export async function firstRows(
  engine: Engine,
  { sql, options }: RowsRequest,
  limit: number,
): Promise<FirstRows> {
  const settings = { ...exactNumbers, ...options.settings };
  const stream = await engine.download(sql, "JSONCompactEachRowWithNamesAndTypes", { ...options, settings });
  const heads = 2;
  const lines: unknown[][] = [];
  for await (const line of createInterface({ input: stream })) {
    lines.push(parseLine(line));
    if (lines.length > limit + heads) break;
  }
  const more = lines.length > limit + heads;
  if (more) stream.destroy();
  const [names = [], types = [], ...rows] = lines;
  return {
    columns: names.map((name, index) => ({ name: String(name), type: String(types[index]) })),
    rows: rows.slice(0, limit),
    more,
  };
}

function parseLine(line: string): unknown[] {
  const value: unknown = JSON.parse(line);
  if (Array.isArray(value)) return value;
  throw new ShoplakeError("engine", `the engine sent a line that is no row: ${line.slice(0, 80)}`);
}
