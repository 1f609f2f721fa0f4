/** Query results on stdout: a table for people, any format of the engine for programs, streamed. */
import { finished } from "node:stream/promises";
import { firstRows, type RowsRequest, rowsAs } from "../../app/rows.ts";
import type { Engine } from "../../engine/engine.ts";
import { type CliContext, say, writeLines } from "../context.ts";
import { count, counted, styleFor } from "./style.ts";
import { renderTable } from "./table.ts";

const shownRows = 1000;

/** Runs the statement and writes its result. `format`: "table", or as `rowsAs` takes it. */
export async function writeRows(
  context: CliContext,
  engine: Engine,
  request: RowsRequest & { readonly format: string },
): Promise<void> {
  if (request.format === "table") return writeTable(context, engine, request);
  const stream = await rowsAs(engine, request, request.format);
  stream.pipe(context.stdout, { end: false });
  await finished(stream);
}

async function writeTable(context: CliContext, engine: Engine, request: RowsRequest): Promise<void> {
  const { columns, rows, more } = await firstRows(engine, request, shownRows);
  const style = styleFor(context.flags.color && context.stdout.isTTY === true);
  const width = context.stdout.isTTY ? context.stdout.columns : undefined;
  const titles = columns.map(({ name, type }) => ({ title: name, align: alignOf(type) }));
  const cells = rows.map((row) => row.map(cell));
  writeLines(context, renderTable(titles, cells, { columns: width, heading: style.dim }));
  if (more)
    say(context, `only the first ${count(shownRows)} rows are shown; --format csv or --json writes all`);
  else if (context.stdout.isTTY) say(context, counted(rows.length, "row"));
}

function alignOf(type: string): "left" | "right" {
  return /^((Nullable|LowCardinality)\()*(U?Int|Float|BFloat|Decimal)/.test(type) ? "right" : "left";
}

function cell(value: unknown): string {
  if (value === null) return "NULL";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
