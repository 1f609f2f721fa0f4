/** Options of a files source: what a config file may write, and what comes out complete. */
import { z } from "zod";
import { names, object } from "../../project/issues.ts";
import { identifier, s3Access, text } from "../../project/options.ts";
import { schemaPolicy } from "../schema-policy.ts";

const ofTable = {
  /** Columns that identify a row. Default: none. */
  key: names().default([]),
  /** A column that grows with every insert and update. Default: none. */
  cursor: z.string().optional(),
  /**
   * ClickHouse types of columns, e.g. { price: "Decimal(10, 2)" }. A record with a value that its type cannot hold becomes a
   * reject. Default: none, values stay the text that they are, and models type them.
   */
  types: z.record(z.string().min(1), z.string().min(1)).default({}),
  /** Column names of files without a header line. */
  columns: z.array(z.string().min(1)).nonempty().readonly().optional(),
};

const table = object(ofTable);

const ofSource = {
  /**
   * A glob, relative to the project or absolute, or s3://bucket/prefix/*.csv. With `tables`, `{table}` in it stands for the
   * name of each. Wildcards: `*`, `?`, `[a-z]`, `{a,b}`, `**`.
   */
  path: text(),
  /** Format of the files. */
  format: z.enum(["csv", "tsv", "jsonl", "json", "parquet"]),
  /** The first line holds the column names (csv, tsv). Default true. */
  header: z.boolean().default(true),
  /** One ASCII character. Default "," for csv, a tab for tsv. */
  delimiter: z.string().length(1, "must be one character").optional(),
  /** `"` or `'`. Default '"'. */
  quote: z.string().length(1, "must be one character").default('"'),
  /** Encoding of text files. Default "utf-8". */
  encoding: z.enum(["utf-8", "latin1", "utf-16le", "utf-16be", "windows-1252"]).default("utf-8"),
  /** "auto" goes by the first bytes of each file. Default "auto". */
  compression: z.enum(["auto", "none", "gz", "zst", "zip"]).default("auto"),
  /** What columns do when the files change. Default "evolve". */
  schemaPolicy,
  /** More unreadable lines than this percentage of a file fail the run. Default 100: any number is only quarantined. */
  maxRejectedPercent: z.number().min(0).max(100).default(100),
  /** Access to s3:// paths. */
  s3: object(s3Access).optional(),
};

const given = object({
  ...ofSource,
  /** Name of the table; the dataset is bronze.<source>_<table>. */
  table: identifier.optional(),
  /** Several tables by name, instead of `table`; each has its own key, cursor, types and columns. */
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
  .transform(({ delimiter, table, tables, key, cursor, types, columns, ...rest }) => {
    const shared = { ...rest, delimiter: delimiter ?? (rest.format === "tsv" ? "\t" : ",") };
    if (table === undefined) return { ...shared, tables: tables ?? {} };
    return { ...shared, table, key, cursor, types, columns };
  });

/** What `files()` takes for a source. */
export type FilesSourceSpec = z.input<typeof options>;
/** What it takes for each table of several. */
export type FilesTableSpec = z.input<typeof table>;
/** Complete options of a source. */
export type FilesSourceConfig = z.output<typeof options>;
/** Complete options of one of its tables. */
export type FilesTableConfig = Extract<FilesSourceConfig, { readonly table: string }>;

function isDelimited(format: string): boolean {
  return format === "csv" || format === "tsv";
}

/** The complete options of each table by its name. */
export function tableConfigs(config: FilesSourceConfig): Map<string, FilesTableConfig> {
  if ("table" in config) return new Map([[config.table, config]]);
  const { tables, ...shared } = config;
  return new Map(
    Object.entries(tables).map(([table, { key, cursor, types, columns }]) => [
      table,
      { ...shared, key, cursor, types, columns, table, path: shared.path.replaceAll("{table}", table) },
    ]),
  );
}
