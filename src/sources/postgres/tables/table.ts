/** One table as configuration and catalog together describe it. */
import { bronzeName } from "../../../api/datasets.ts";
import type { Column } from "../../../engine/engine.ts";
import { ShoplakeError } from "../../../util/errors.ts";
import { nearest } from "../../../util/nearest.ts";
import { chosenColumns, receivedColumn } from "../../column-names.ts";
import type { SourceTable } from "../../source.ts";
import type { ChosenTable, TableOptions } from "./chosen.ts";
import { checkCursorMax, cursorKind } from "./cursor.ts";
import { type ColumnReader, columnReaders } from "./types.ts";

/** A column of bronze when `detectDeletes` is on: true for a tombstone. */
export const deletedColumn: Column = { name: "_deleted", type: "Bool" };

/** A table with everything that reading it takes. Its columns are named as at the source until `namedTable` names them. */
export interface ResolvedTable {
  /** Of the database, not quoted. */
  readonly schema: string;
  /** The part of its dataset's name that names the table. */
  readonly name: string;
  /** Its name at the source. */
  readonly from: string;
  /** "shop: public.orders", for messages. */
  readonly where: string;
  /** Its dataset: "bronze.shop_orders". */
  readonly dataset: string;
  /** Those of the table, else those of "*". */
  readonly options: TableOptions;
  /** As configured, else the primary key; [] for none. */
  readonly key: readonly string[];
  /** Those that are read, in the order of the table. */
  readonly columns: readonly ColumnReader[];
}

/** Throws `source` for a column that does not exist, a cursor that cannot be one, and options that do not fit together. */
export function resolveTable(
  source: string,
  { name, table, options: given, isNamed }: ChosenTable,
): ResolvedTable {
  const where = `${source}: ${table.schema}.${table.name}`;
  const names = table.columns.map((column) => column.name);
  const options = atSource(given, names);
  const key = options.key.length > 0 ? options.key : table.key;
  const asText = options.asText;
  const ofCursor = options.cursor === undefined ? [] : [options.cursor];
  const mentioned = {
    key,
    cursor: ofCursor,
    asText,
    columns: options.columns ?? [],
    ...(isNamed && {
      include: options.include ?? [],
      exclude: options.exclude ?? [],
      rename: Object.keys(options.rename ?? {}),
    }),
  };
  for (const [option, columns] of Object.entries(mentioned))
    for (const column of columns)
      if (!names.includes(column)) throw noSuchColumn({ column, option, names, where });
  const include = options.columns ?? options.include;
  const wanted = chosenColumns(names, {
    include: include && [...include, ...key, ...ofCursor],
    exclude: options.exclude,
  });
  const needed = [...key, ...ofCursor].filter((column) => !wanted.includes(column));
  if (needed.length > 0)
    throw new ShoplakeError("source", `exclude leaves out ${needed.join(", ")}, which key or cursor name.`, {
      where,
      hint: "Key and cursor are read in any case: take them out of exclude.",
    });
  const readers = columnReaders(table, key, asText).filter((column) => wanted.includes(column.name));
  const cursor = readers.find((column) => column.name === options.cursor);
  if (cursor !== undefined) {
    cursorKind(cursor);
    checkCursorMax(cursor, options.cursorMax, where);
  }
  if (options.detectDeletes && (key.length === 0 || cursor === undefined))
    throw new ShoplakeError("source", "detectDeletes needs a key and a cursor.", {
      where,
      hint:
        cursor === undefined
          ? "Without a cursor the table is copied whole each time, and deleted rows go by themselves: leave detectDeletes out."
          : "Name the columns that identify a row under key.",
    });
  return {
    schema: table.schema,
    name,
    from: table.name,
    where,
    dataset: bronzeName(source, name),
    options,
    key,
    columns: readers,
  };
}

/** The options with columns as the source names them; they may name them as bronze does. */
function atSource(options: TableOptions, names: readonly string[]): TableOptions {
  const received = (given: string) => receivedColumn(given, names, options) ?? given;
  const { key, cursor, asText } = options;
  return {
    ...options,
    key: key.map(received),
    ...(cursor !== undefined && { cursor: received(cursor) }),
    asText: asText.map(received),
  };
}

/** The table as the platform sees it, with the column `_deleted` where deletes are looked for. */
export function sourceTable({ name, key, options, columns }: ResolvedTable): SourceTable {
  return {
    name,
    key,
    ...(options.cursor !== undefined && { cursor: options.cursor }),
    columns: [
      ...columns.map((column) => ({ name: column.name, type: column.type })),
      ...(options.detectDeletes ? [deletedColumn] : []),
    ],
  };
}

function noSuchColumn(given: {
  readonly column: string;
  readonly option: string;
  readonly names: readonly string[];
  readonly where: string;
}): ShoplakeError {
  const close = nearest(given.column, given.names);
  return new ShoplakeError("source", `There is no column ${given.column}, which ${given.option} names.`, {
    where: given.where,
    allowed: given.names.join(", "),
    hint:
      close !== undefined
        ? `Did you mean ${close}?`
        : `Bring the column back at the source, or correct ${given.option} in shoplake.config.ts.`,
  });
}
