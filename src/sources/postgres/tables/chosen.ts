/** Which tables of the catalog are read, under which names and with which options. */
import { own } from "../../../util/own.ts";
import { canBeDataset } from "../../table-names.ts";
import type { PostgresSourceConfig } from "../options.ts";
import type { CatalogTable } from "./catalog.ts";

/** Options of one table. */
export type TableOptions = PostgresSourceConfig["tables"][string];

/** A table to read. */
export interface ChosenTable {
  /** The part of its dataset's name that names the table. */
  readonly name: string;
  /** As it is at the source. */
  readonly table: CatalogTable;
  /** With what the source says for all its tables. */
  readonly options: TableOptions;
  /** False for a table of "*". */
  readonly isNamed: boolean;
}

/** The tables, and those of "*" that cannot be read under their own names. */
export interface Choice {
  /** In the order of the catalog. */
  readonly chosen: readonly ChosenTable[];
  /** Names at the source. */
  readonly leftOut: readonly string[];
}

/** Names at the source to ask the catalog for; "*": all tables. */
export function wantedTables({ tables }: Pick<PostgresSourceConfig, "tables">): string[] {
  return [...new Set(Object.entries(tables).map(([name, { from }]) => from ?? name))];
}

/** The name at the source of a table of the project. */
export function nameAtSource({ tables }: Pick<PostgresSourceConfig, "tables">, table: string): string {
  return own(tables, table)?.from ?? table;
}

/** The tables of the configuration and, in their place among all, those of "*". */
export function chooseTables(found: readonly CatalogTable[], config: PostgresSourceConfig): Choice {
  const named = Object.entries(config.tables).filter(([name]) => name !== "*");
  const others = own(config.tables, "*");
  const chosen: ChosenTable[] = [];
  const leftOut: string[] = [];
  for (const table of found) {
    const claims = named.filter(([name, { from }]) => (from ?? name) === table.name);
    for (const [name, options] of claims)
      chosen.push({ name, table, options: withShared(options, config), isNamed: true });
    if (claims.length > 0 || others === undefined || config.exclude?.includes(table.name) === true) continue;
    const free = named.every(([name]) => name !== table.name);
    if (free && canBeDataset(table.name))
      chosen.push({ name: table.name, table, options: withShared(others, config), isNamed: false });
    else leftOut.push(table.name);
  }
  return { chosen, leftOut };
}

function withShared(options: TableOptions, { names }: PostgresSourceConfig): TableOptions {
  return options.names !== undefined || names === undefined ? options : { ...options, names };
}

/** What to say of tables that are left out. `where`: "shop: schema public". Undefined: there is nothing to say. */
export function leftOutWarning(leftOut: readonly string[], where: string): string | undefined {
  if (leftOut.length === 0) return undefined;
  const list = leftOut.map((name) => JSON.stringify(name)).join(", ");
  return `${where}: left out, because the names cannot be those of datasets: ${list}. Read one under another name with tables: { its_name: { from: ${JSON.stringify(leftOut[0])} } }, or list it under exclude.`;
}
