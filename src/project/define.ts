/**
 * What a shoplake.config.ts is written with. Everything here is inert description: nothing is read, connected or checked
 * before `loadProject` does it.
 */
import type { EnvReference } from "./env.ts";

/** A text, or where to find it. */
export type Text = string | EnvReference;

/** One name or several. */
export type Names = string | readonly string[];

/** What columns do when the source changes: take them over, ignore new ones, or stop. */
export type SchemaPolicy = "evolve" | "freeze" | "fail";

export interface PostgresTableSpec {
  /** Columns that identify a row. Default: the table's primary key. */
  readonly key?: Names;
  /** A column that grows with every insert and update. Default: none, the table is copied whole each time. */
  readonly cursor?: string;
  /** Columns to read. Default: all. */
  readonly columns?: readonly string[];
  /**
   * How many seconds behind the newest cursor value reading starts again, for transactions that commit late. Rows that are
   * known already are dropped, so a wide window costs reading time only. Default 300: longer than web requests and most jobs run.
   */
  readonly safetyWindowSeconds?: number;
  /** The same for a cursor of whole numbers, in units of the cursor. Default 1000. */
  readonly safetyWindowUnits?: number;
  /** Columns to keep as the text PostgreSQL prints, e.g. a numeric(12,2) that holds NaN. Default: none. */
  readonly asText?: Names;
  /**
   * Columns that models read and that the source has given up: NULL from then on, older values stay. Default: none, so that a column
   * that is missing stops the table's task before anything is read.
   */
  readonly retired?: Names;
  /** Compare all keys on each run and mark rows that are gone. Needs a key. Default false. */
  readonly detectDeletes?: boolean;
  /** SQL condition on the table's columns, in PostgreSQL's words. Default: all rows. */
  readonly where?: string;
}

export interface PostgresTls {
  /** PEM text of the authority that signed the server's certificate. Default: the system's authorities. */
  readonly ca?: Text;
  /** false accepts any certificate. Default true. */
  readonly rejectUnauthorized?: boolean;
}

export interface PostgresSourceSpec {
  /** postgres://user:password@host:port/database */
  readonly url: Text;
  /** Default "public". */
  readonly schema?: string;
  /** By table name; "*" stands for all tables of the schema that are not named. */
  readonly tables: Readonly<Record<string, PostgresTableSpec>>;
  /** Default "evolve". */
  readonly schemaPolicy?: SchemaPolicy;
  /** TLS is used when this is given, or when the URL asks for it (`sslmode=require`). */
  readonly tls?: PostgresTls;
  /** How often a lost connection is tried again. Default 3. */
  readonly retries?: number;
}

export interface PostgresSinkSpec {
  readonly url: Text;
  /** Schema of the target tables; created when it is missing. */
  readonly schema: string;
  /** Selector of the datasets to write. Default "gold". */
  readonly select?: string;
  /** Target table names by dataset, e.g. { "gold.fact_daily_sales": "daily_sales" }. Default: the dataset's own name. */
  readonly tables?: Readonly<Record<string, string>>;
  readonly tls?: PostgresTls;
  readonly retries?: number;
}

export interface FilesTableSpec {
  readonly key?: Names;
  readonly cursor?: string;
  /**
   * ClickHouse types of columns, e.g. { price: "Decimal(10, 2)" }. A record with a value that its type cannot hold becomes a
   * reject. Default: none, values stay the text that they are, and models type them.
   */
  readonly types?: Readonly<Record<string, string>>;
  /** Column names of files without a header line. */
  readonly columns?: readonly string[];
}

export interface FilesSourceSpec extends FilesTableSpec {
  /**
   * A glob, relative to the project or absolute, or s3://bucket/prefix/*.csv. With `tables`, `{table}` in it stands for the
   * name of each.
   */
  readonly path: Text;
  readonly format: "csv" | "tsv" | "jsonl" | "json" | "parquet";
  /** Name of the table; the dataset is bronze.<source>_<table>. */
  readonly table?: string;
  /** Several tables by name, instead of `table`. */
  readonly tables?: Readonly<Record<string, FilesTableSpec>>;
  /** The first line holds the column names (csv, tsv). Default true. */
  readonly header?: boolean;
  /** Default "," for csv, a tab for tsv. */
  readonly delimiter?: string;
  /** Default '"'. */
  readonly quote?: string;
  /** Default "utf-8". */
  readonly encoding?: "utf-8" | "latin1" | "utf-16le" | "utf-16be" | "windows-1252";
  /** "auto" goes by the file's name and first bytes. Default "auto". */
  readonly compression?: "auto" | "none" | "gz" | "zst" | "zip";
  readonly schemaPolicy?: SchemaPolicy;
  /** More unreadable lines than this percentage of a file fail the run. Default 100: any number is only quarantined. */
  readonly maxRejectedPercent?: number;
  /** Access to s3:// paths. */
  readonly s3?: S3Spec;
}

export interface S3Spec {
  readonly endpoint: Text;
  /** Default "us-east-1". */
  readonly region?: Text;
  readonly accessKeyId: Text;
  readonly secretAccessKey: Text;
}

export interface FilesSinkSpec {
  /** Folder for the files, relative to the project or absolute. */
  readonly directory: Text;
  readonly format: "csv" | "parquet" | "jsonl";
  /** Selector of the datasets to write. Default "gold". */
  readonly select?: string;
}

/** What `postgres()` and `files()` return: the kind of the adapter and its options as they were given. */
export interface AdapterSpec<Options = object> {
  readonly kind: string;
  readonly options: Options;
}

/** A PostgreSQL database: a source (with `tables`) or a sink (with `schema`). */
export function postgres(options: PostgresSourceSpec): AdapterSpec<PostgresSourceSpec>;
export function postgres(options: PostgresSinkSpec): AdapterSpec<PostgresSinkSpec>;
export function postgres(options: object): AdapterSpec {
  return { kind: "postgres", options };
}

/** Files: a source (with `path`) or a sink (with `directory`). */
export function files(options: FilesSourceSpec): AdapterSpec<FilesSourceSpec>;
export function files(options: FilesSinkSpec): AdapterSpec<FilesSinkSpec>;
export function files(options: object): AdapterSpec {
  return { kind: "files", options };
}

export interface ProjectSpec {
  /** Letters, digits, "_" and "-". */
  readonly name: string;
  /** IANA name of the timezone whose days are reporting days. Default "UTC". */
  readonly timezone?: string;
  /** ISO 4217 code of the reporting currency. Default "EUR". */
  readonly currency?: string;
  /** Folder of state, relative to the project. Default ".shoplake". */
  readonly stateDir?: Text;
  /** Default: the folder "lake" in the folder of state. */
  readonly lake?: {
    readonly path?: Text;
    readonly s3?: S3Spec & { readonly bucket: Text; readonly prefix?: Text };
  };
  /** Default "embedded". A url means a ClickHouse server, the other options tune the embedded engine. */
  readonly engine?:
    | "embedded"
    | {
        /** Most memory that the engine may take, in bytes. Default 1,500,000,000. */
        readonly memoryBytes?: number;
        /** Threads of one statement. Default: the number of CPUs, at most 8. */
        readonly threads?: number;
        /** Statements at a time; more wait. Default 8. */
        readonly slots?: number;
      }
    | {
        readonly url: Text;
        /** Default "default". */
        readonly username?: Text;
        /** Default: empty. */
        readonly password?: Text;
      };
  readonly sources?: Readonly<Record<string, AdapterSpec<PostgresSourceSpec> | AdapterSpec<FilesSourceSpec>>>;
  readonly sinks?: Readonly<Record<string, AdapterSpec<PostgresSinkSpec> | AdapterSpec<FilesSinkSpec>>>;
  readonly schedules?: readonly { readonly name: string; readonly cron: string; readonly select: string }[];
  /** Tasks at a time. Default 2. */
  readonly concurrency?: number;
  /** For tasks that failed with an error that may go away. Default 3 attempts, 1000 ms before the second, then doubling. */
  readonly retries?: { readonly attempts?: number; readonly delayMs?: number };
  /**
   * How many days runs, their tasks and check results, and closed rejects are remembered, at least; whole months are given up.
   * Open rejects and the newest publication of each dataset stay, with their runs. Default 90.
   */
  readonly retention?: { readonly runDays?: number };
}

/**
 * Describes a project; the default export of shoplake.config.ts.
 *
 * @example
 * export default defineProject({ name: "shop", sources: { feed: files({ path: "inbox/*.csv", format: "csv", table: "products" }) } });
 */
export function defineProject(spec: ProjectSpec): ProjectSpec {
  return spec;
}
