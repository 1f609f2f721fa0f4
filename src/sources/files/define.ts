/** Files as a source. */

import type { ColumnNamesSpec, Names, S3Spec, SchemaPolicy, Text } from "../../project/define.ts";
import { defineSource } from "../define.ts";

/** Options of a files source. */
export interface FilesSourceSpec extends FilesTableSpec {
  /**
   * A glob, relative to the project or absolute, or s3://bucket/prefix/*.csv. With `tables`, `{table}` in it means the
   * name of each.
   */
  readonly path: Text;
  /** Format of the files. */
  readonly format: "csv" | "tsv" | "jsonl" | "json" | "parquet";
  /** Name of the table; the dataset is bronze.<source>_<table>. */
  readonly table?: string;
  /** Several tables by name, instead of `table`. */
  readonly tables?: Readonly<Record<string, FilesTableSpec>>;
  /** The first line holds the column names (csv, tsv). Default true. */
  readonly header?: boolean;
  /** One ASCII character. Default "," for csv, a tab for tsv. */
  readonly delimiter?: string;
  /** `"` or `'`. Default '"'. */
  readonly quote?: string;
  /** Encoding of text files. Default "utf-8". */
  readonly encoding?: "utf-8" | "latin1" | "utf-16le" | "utf-16be" | "windows-1252";
  /** "auto" goes by the first bytes of each file. Default "auto". */
  readonly compression?: "auto" | "none" | "gz" | "zst" | "zip";
  /** What columns do when the files change. Default "evolve". */
  readonly schemaPolicy?: SchemaPolicy;
  /** More unreadable lines than this percentage of a file fail the run. Default 100: any number is only quarantined. */
  readonly maxRejectedPercent?: number;
  /** Access to s3:// paths. */
  readonly s3?: S3Spec;
}

/** Options of one table of files. */
export interface FilesTableSpec extends ColumnNamesSpec {
  /** Columns that identify a row. Default: none. */
  readonly key?: Names;
  /** A column that grows with every insert and update. Default: none. */
  readonly cursor?: string;
  /**
   * ClickHouse types of columns, e.g. { price: "Decimal(10, 2)" }. A record with a value that its type cannot hold becomes a
   * reject. Default: none, values stay the text that they are, and models type them.
   */
  readonly types?: Readonly<Record<string, string>>;
  /** Column names of files without a header line. */
  readonly columns?: readonly string[];
}

/** Files of folders or of an S3 bucket as a source. */
export const files = defineSource<FilesSourceSpec>("files", () => import("./kind.ts"));
