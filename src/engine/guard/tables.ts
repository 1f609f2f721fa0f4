/** What SQL from outside may read: published datasets, and what the platform and the engine show of themselves. */
import type { Refusal } from "./refusal.ts";

/** Databases in which every table and view is published. */
export const PUBLISHED: readonly string[] = ["bronze", "silver", "gold"];

/** Views of `ops` that are made to be read; the tables below them are not. */
const OPS = ["runs", "tasks", "check_results", "publications", "quarantine"].map((name) => `ops.${name}`);

/** Tables of the engine that tell of data and functions, not of other users' work, settings or the machine. */
const SYSTEM =
  "one numbers numbers_mt zeros zeros_mt databases tables columns functions table_functions formats data_type_families time_zones contributors"
    .split(" ")
    .map((name) => `system.${name}`);

const NAMED: ReadonlySet<string> = new Set([...OPS, ...SYSTEM]);

/** Databases that may be listed. */
const LISTED = [...PUBLISHED, "ops", "system"].map((name) => `'${name}'`).join(", ");

/** Keeps other databases out of what the engine tells of its tables, for `SELECT` and `SHOW` alike. */
export const CATALOGUE_FILTER = `{${[
  ["system.databases", "name"],
  ["system.tables", "database"],
  ["system.columns", "database"],
]
  .map(([table, column]) => `'${table}': '${column} IN (${LISTED.replaceAll("'", "\\'")})'`)
  .join(", ")}}`;

/** True when all tables of the database may be read. */
export function isPublished(database: string): boolean {
  return PUBLISHED.includes(database);
}

/** Undefined when the table may be read. `name` is as the parse tree shows it. */
export function tableRefusal(name: string): Refusal | undefined {
  const [database = "", ...rest] = name.split(".");
  if (NAMED.has(name) || (rest.length > 0 && isPublished(database))) return undefined;
  return {
    message: `The table ${name} is not allowed here`,
    name,
    allowed: `tables of ${PUBLISHED.join(", ")}; ${[...NAMED].join(", ")}`,
    hint:
      rest.length === 0
        ? `Write it with its database, such as gold.${name}.`
        : "A column behind IN is written as has(column, value).",
  };
}
