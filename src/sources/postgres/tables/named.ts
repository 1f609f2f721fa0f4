/** A table whose columns go by their names in bronze. */
import { ShoplakeError } from "../../../util/errors.ts";
import { isFault, nameColumns, styleFor, type TableNames } from "../../column-names.ts";
import { isPlatformColumn } from "../../reserved-names.ts";
import type { BronzeState } from "../../source.ts";
import { namesAsProperties, namesOfTable } from "../../stored-names.ts";
import { deletedColumn, type ResolvedTable } from "./table.ts";

/** A table with names in bronze, and what bronze must keep of them. */
export interface NamedTable {
  /** Columns, key and the options that name columns: by their names in bronze. */
  readonly table: ResolvedTable;
  /** Properties of the bronze table. */
  readonly properties: Readonly<Record<string, string>>;
}

/** Follows what bronze knows, or decides. Throws `source` for names that cannot be used, with all of them. */
export function namedTable(
  table: ResolvedTable,
  { columns, properties = {} }: Pick<BronzeState, "columns" | "properties">,
): NamedTable {
  const { options } = table;
  const received = table.columns.map((column) => column.received);
  const isOwn = (name: string) =>
    isPlatformColumn(name) || (options.detectDeletes && name === deletedColumn.name);
  const bronze = columns?.filter(({ name }) => !isOwn(name));
  const known: TableNames =
    bronze === undefined
      ? { style: styleFor([received], options), columns: new Map() }
      : namesOfTable(bronze, properties);
  const names = nameColumns(received, known, options);
  if (isFault(names))
    throw new ShoplakeError("source", names.messages.join(" "), {
      where: table.where,
      allowed:
        "one name for each column, without blanks and , ; { } ( ) =; upper and lower case are the same",
      hint: names.hint,
      problems: names.messages.map((message) => ({ message, hint: names.hint })),
    });
  const inBronze = (name: string) => names.columns.get(name) ?? name;
  return { table: renamed(table, inBronze), properties: namesAsProperties(names) };
}

function renamed(table: ResolvedTable, inBronze: (name: string) => string): ResolvedTable {
  const { columns, key, options } = table;
  const { cursor, asText, retired } = options;
  return {
    ...table,
    key: key.map(inBronze),
    columns: columns.map((column) => ({ ...column, name: inBronze(column.received) })),
    options: {
      ...options,
      ...(cursor !== undefined && { cursor: inBronze(cursor) }),
      asText: asText.map(inBronze),
      retired: retired.map(inBronze),
    },
  };
}
