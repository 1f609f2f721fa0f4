/** Options of a files source: what a config file may write, and what comes out complete. */
import { z } from "zod";
import { names, object } from "../../project/issues.ts";
import { identifier, type Same, s3Access, type Takes, text } from "../../project/options.ts";
import { nameOptions, textRecord } from "../name-options.ts";
import { schemaPolicy } from "../schema-policy.ts";
import type { FilesSourceSpec, FilesTableSpec } from "./define.ts";

const ofTable = {
  key: names().default([]),
  cursor: z.string().optional(),
  types: textRecord().default({}),
  columns: z.array(z.string().min(1)).nonempty().readonly().optional(),
  ...nameOptions,
};

const table = object(ofTable);

const ofSource = {
  path: text(),
  format: z.enum(["csv", "tsv", "jsonl", "json", "parquet"]),
  header: z.boolean().default(true),
  delimiter: z.string().length(1, "must be one character").optional(),
  quote: z.string().length(1, "must be one character").default('"'),
  encoding: z.enum(["utf-8", "latin1", "utf-16le", "utf-16be", "windows-1252"]).default("utf-8"),
  compression: z.enum(["auto", "none", "gz", "zst", "zip"]).default("auto"),
  schemaPolicy,
  maxRejectedPercent: z.number().min(0).max(100).default(100),
  s3: object(s3Access).optional(),
};

const given = object({
  ...ofSource,
  table: identifier.optional(),
  tables: z
    .record(identifier, table)
    .refine((tables) => Object.keys(tables).length > 0, "name at least one table")
    .optional(),
  ...ofTable,
});

/** All options; what comes out has either `table`, with its own options beside it, or `tables`. */
export const options = given
  .refine(({ table, tables }) => (table === undefined) !== (tables === undefined), {
    path: ["table"],
    error: "name one table with `table`, or several with `tables`",
  })
  .refine(({ path, tables }) => tables === undefined || path.includes("{table}"), {
    path: ["path"],
    error: "with several tables {table} must stand in the path, in the place of the table's name",
  })
  .refine(
    ({ tables, key, cursor, types, columns }) =>
      tables === undefined ||
      (key.length === 0 && cursor === undefined && Object.keys(types).length === 0 && columns === undefined),
    { path: ["tables"], error: "key, cursor, types and columns belong to each table when there are several" },
  )
  .refine(
    ({ tables, rename, include, exclude }) =>
      tables === undefined || [rename, include, exclude].every((option) => option === undefined),
    { path: ["tables"], error: "rename, include and exclude belong to each table when there are several" },
  )
  .refine(
    ({ format, header, tables, ...own }) =>
      header ||
      !isDelimited(format) ||
      Object.values(tables ?? { own }).every(({ columns }) => columns !== undefined),
    { path: ["columns"], error: "files without a header line need the column names" },
  )
  .refine(({ path, s3 }) => !path.startsWith("s3://") || s3 !== undefined, {
    path: ["s3"],
    error: "an s3:// path needs endpoint, accessKeyId and secretAccessKey",
  })
  .transform(
    ({ delimiter, table, tables, key, cursor, types, columns, rename, include, exclude, ...rest }) => {
      const shared = { ...rest, delimiter: delimiter ?? (rest.format === "tsv" ? "\t" : ",") };
      if (table === undefined) return { ...shared, tables: tables ?? {} };
      const ofNames = onlyGiven({ rename, include, exclude });
      return { ...shared, table, key, cursor, types, columns, ...ofNames };
    },
  );

/** Complete options of a source. */
export type FilesSourceConfig = z.output<typeof options>;
/** Complete options of one of its tables. */
export type FilesTableConfig = Extract<FilesSourceConfig, { readonly table: string }>;

/** Options without those that are left out. */
function onlyGiven<Options extends object>(options: Options): Partial<Options> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<Options>;
}

function isDelimited(format: string): boolean {
  return format === "csv" || format === "tsv";
}

/** The complete options of each table by its name. */
export function tableConfigs(config: FilesSourceConfig): Map<string, FilesTableConfig> {
  if ("table" in config) return new Map([[config.table, config]]);
  const { tables, ...shared } = config;
  return new Map(
    Object.entries(tables).map(([table, { cursor, columns, ...own }]) => [
      table,
      { ...shared, ...own, cursor, columns, table, path: shared.path.replaceAll("{table}", table) },
    ]),
  );
}

/** Compiles only while the schema takes exactly what define.ts describes. */
export type Checked = Same<[Takes<typeof options, FilesSourceSpec>, Takes<typeof table, FilesTableSpec>]>;
