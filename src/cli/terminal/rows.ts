/** Query results on stdout: a table for people, any format of the engine for programs, streamed. */
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import type { Engine, QueryOptions } from "../../engine/engine.ts";
import { ShoplakeError } from "../../util/errors.ts";
import { type CliContext, say, writeLines } from "../context.ts";
import { count, styleFor } from "./style.ts";
import { renderTable, type TableColumn } from "./table.ts";

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

const shownRows = 1000;

export interface RowsRequest {
  readonly sql: string;
  readonly options: QueryOptions;
  /** "table", a short name of `formats`, or a ClickHouse format. */
  readonly format: string;
}

/** Runs the statement and writes its result. */
export async function writeRows(context: CliContext, engine: Engine, request: RowsRequest): Promise<void> {
  if (request.format === "table") return writeTable(context, engine, request);
  const settings = {
    ...exactNumbers,
    ...(request.format === "json" ? { output_format_json_array_of_rows: 1 } : {}),
    ...request.options.settings,
  };
  const format = formats[request.format] ?? request.format;
  const stream = await engine.download(request.sql, format, { ...request.options, settings });
  stream.pipe(context.stdout, { end: false });
  await finished(stream);
}

async function writeTable(context: CliContext, engine: Engine, { sql, options }: RowsRequest): Promise<void> {
  const { columns, rows, more } = await firstRows(engine, sql, options);
  const style = styleFor(context.flags.color && context.stdout.isTTY === true);
  const width = context.stdout.isTTY ? context.stdout.columns : undefined;
  writeLines(context, renderTable(columns, rows, { columns: width, heading: style.dim }));
  if (more)
    say(context, `only the first ${count(shownRows)} rows are shown; --format csv or --json writes all`);
  else if (context.stdout.isTTY) say(context, `${count(rows.length)} ${rows.length === 1 ? "row" : "rows"}`);
}

interface FirstRows {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
  readonly more: boolean;
}

async function firstRows(engine: Engine, sql: string, options: QueryOptions): Promise<FirstRows> {
  const settings = { ...exactNumbers, ...options.settings };
  const stream = await engine.download(sql, "JSONCompactEachRowWithNamesAndTypes", { ...options, settings });
  const lines: unknown[][] = [];
  for await (const line of createInterface({ input: stream })) {
    lines.push(parseLine(line));
    if (lines.length > shownRows + 2) break;
  }
  const more = lines.length > shownRows + 2;
  if (more) stream.destroy();
  const [names = [], types = [], ...rows] = lines;
  return {
    columns: names.map((name, index) => ({ title: String(name), align: alignOf(String(types[index])) })),
    rows: rows.slice(0, shownRows).map((row) => row.map(cell)),
    more,
  };
}

function parseLine(line: string): unknown[] {
  const value: unknown = JSON.parse(line);
  if (Array.isArray(value)) return value;
  throw new ShoplakeError("engine", `the engine sent a line that is no row: ${line.slice(0, 80)}`);
}

function alignOf(type: string): "left" | "right" {
  return /^((Nullable|LowCardinality)\()*(U?Int|Float|BFloat|Decimal)/.test(type) ? "right" : "left";
}

function cell(value: unknown): string {
  if (value === null) return "NULL";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
