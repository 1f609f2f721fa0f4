/** Rows as lines of CSV (RFC 4180, header, NULL is the empty field) and of JSON (one object per line, NULL is null). */
import type { ShopTable } from "../tables/index.ts";
import type { Cell } from "../tables/table.ts";
import type { FileColumns } from "./columns.ts";

/** Also the endings of the files. */
export const fileFormats = ["csv", "jsonl"] as const;
/** How rows are written. */
export type FileFormat = (typeof fileFormats)[number];

/** Writes the rows of one file. */
export interface LineWriter {
  /** What comes before the rows; "" for none. */
  readonly head: string;
  /** A row as text with its line's end. */
  readonly line: (row: readonly Cell[]) => string;
}

/** By format: makes the writer for a table and the columns of one file. */
export const lineWriters: Readonly<
  Record<FileFormat, (table: ShopTable, columns: FileColumns) => LineWriter>
> = { csv: csvWriter, jsonl: jsonWriter };

function csvWriter(_table: ShopTable, { kept, names, extra }: FileColumns): LineWriter {
  const rest = extra === undefined ? "" : `,${csvField(extra)}`;
  return {
    head: `${names.join(",")}\n`,
    line: (row) => `${kept.map((index) => csvField(row[index] ?? null)).join(",")}${rest}\n`,
  };
}

const special = /[",\r\n]/;

function csvField(cell: Cell): string {
  if (cell === null) return "";
  const text = String(cell);
  return special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function jsonWriter(table: ShopTable, { kept, names, extra }: FileColumns): LineWriter {
  const types = Object.values(table.columns);
  const numeric = types.map((type) => /^(integer|bigint|numeric)/.test(type));
  const keys = names.map((name) => JSON.stringify(name));
  const rest = extra === undefined ? "" : `,${keys.at(-1)}:${JSON.stringify(extra)}`;
  const value = (cell: Cell, index: number) =>
    numeric[index] && typeof cell === "string" && number.test(cell) ? cell : JSON.stringify(cell);
  return {
    head: "",
    line: (row) =>
      `{${kept.map((index, at) => `${keys[at]}:${value(row[index] ?? null, index)}`).join(",")}${rest}}\n`,
  };
}

/** Decimals stay as they are written, so that no digit is lost. */
const number = /^-?\d+(\.\d+)?$/;
