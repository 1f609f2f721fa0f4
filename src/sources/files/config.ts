/** Options of a files source, complete: validation and defaults are in project/config-schema.ts. */

import type { Secret } from "../../project/project.ts";
import { ShoplakeError } from "../../util/errors.ts";

export interface FilesSourceConfig {
  /** Glob relative to the project folder, absolute glob, or "s3://bucket/prefix/*.csv". `*`, `?`, `[a-z]`, `{a,b}`, `**`. */
  readonly path: string;
  readonly format: "csv" | "tsv" | "jsonl" | "json" | "parquet";
  readonly table: string;
  readonly key: readonly string[];
  readonly cursor?: string | undefined;
  /** Column name -> ClickHouse type. A column without is what its file has: text, but in Parquet. */
  readonly types: Readonly<Record<string, string>>;
  /** Delimited files: the first record holds the column names. */
  readonly header: boolean;
  /** Names of the columns of files without a header. */
  readonly columns?: readonly string[] | undefined;
  /** One ASCII character. */
  readonly delimiter: string;
  /** `"` or `'`. */
  readonly quote: string;
  readonly encoding: "utf-8" | "latin1" | "utf-16le" | "utf-16be" | "windows-1252";
  /** "auto" goes by the first bytes of each file. */
  readonly compression: "auto" | "none" | "gz" | "zst" | "zip";
  readonly schemaPolicy: "evolve" | "freeze" | "fail";
  /** More unreadable records than this percentage of a file fail the run. */
  readonly maxRejectedPercent: number;
  readonly s3?: S3Access | undefined;
}

/** Options of a source with several tables; `{table}` in `path` stands for the name of each. */
export interface FilesTablesConfig extends Omit<FilesSourceConfig, keyof FilesTable | "table"> {
  readonly tables: Readonly<Record<string, FilesTable>>;
}

export type FilesTable = Pick<FilesSourceConfig, "key" | "cursor" | "types" | "columns">;

/** The options of each table by its name. */
export function tableConfigs(config: FilesSourceConfig | FilesTablesConfig): Map<string, FilesSourceConfig> {
  if (!("tables" in config)) return new Map([[config.table, config]]);
  const { tables, ...shared } = config;
  return new Map(
    Object.entries(tables).map(([table, own]) => [
      table,
      { ...shared, ...own, table, path: shared.path.replaceAll("{table}", table) },
    ]),
  );
}

export interface S3Access {
  /** "https://s3.eu-central-1.amazonaws.com", "http://127.0.0.1:9000". The bucket is addressed by path. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
}

/** Columns that the source itself adds to every row. */
export const ownColumns = [
  { name: "_file", type: "String" },
  { name: "_file_hash", type: "String" },
  { name: "_row", type: "Int64" },
] as const;

/** Names no column of a file may have: the platform writes them. */
export const reservedNames: ReadonlySet<string> = new Set([
  ...ownColumns.map(({ name }) => name),
  "_ingested_at",
  "_run_id",
  "_source",
  "_deleted",
]);

/** Refuses what the engine's reader cannot do, before any file is opened. */
export function checkConfig(source: string, config: FilesSourceConfig): void {
  const { delimiter, quote, format } = config;
  if (format !== "csv" && format !== "tsv") return;
  const where = `sources.${source}`;
  if (!/^[\t !#-&(-/:-@[-`{-~]$/.test(delimiter))
    throw new ShoplakeError("config", `The delimiter ${JSON.stringify(delimiter)} cannot be used.`, {
      where: `${where}.delimiter`,
      allowed: "a tab, a blank, or one ASCII punctuation character other than a quote",
    });
  if (quote !== '"' && quote !== "'")
    throw new ShoplakeError("config", `The quote ${JSON.stringify(quote)} cannot be used.`, {
      where: `${where}.quote`,
      allowed: `" or '`,
    });
}
