/**
 * What a shoplake.config.ts is written with. Everything here is inert description: nothing is read, connected or checked
 * before `loadProject` does it.
 */
import type { EnvReference } from "./env.ts";

/** A text, or where to find it. */
export type Text = string | EnvReference;

/** One name or several. */
export type Names = string | readonly string[];

/**
 * What columns do when the source changes: `evolve` takes new ones over, `freeze` leaves them out, `fail` stops. Gone ones are NULL
 * under the first two.
 */
export type SchemaPolicy = "evolve" | "freeze" | "fail";

/**
 * What columns are called in bronze: `keep` as they were received, `snake_case` turns `Total (EUR)` into `total_eur`. Decided once for a
 * table: whatever arrives later follows.
 */
export type NameStyle = "keep" | "snake_case";

/** Options of a source's table on the names of its columns. Each column is named as it is at the source. */
export interface ColumnNamesSpec {
  /** Default: all names are kept when all can be names of columns, else all become snake_case. */
  readonly names?: NameStyle;
  /** Columns with a name of their own in bronze, e.g. { "Paid at": "paid_at" }. Default: none. */
  readonly rename?: Readonly<Record<string, string>>;
  /** The only columns to read. Default: all. */
  readonly include?: Names;
  /** Columns to leave out. Default: none. */
  readonly exclude?: Names;
}

/** TLS of a connection to a database. */
export interface TlsSpec {
  /** PEM text of the authority that signed the server's certificate. Default: the system's authorities. */
  readonly ca?: Text;
  /** false accepts any certificate. Default true. */
  readonly rejectUnauthorized?: boolean;
}

/** Where an S3 store is and how to get in. */
export interface S3Spec {
  /** "https://s3.eu-central-1.amazonaws.com", "http://127.0.0.1:9000". The bucket is addressed by path. */
  readonly endpoint: Text;
  /** Default "us-east-1". */
  readonly region?: Text;
  /** Name of the key. */
  readonly accessKeyId: Text;
  /** The key itself. */
  readonly secretAccessKey: Text;
}

/** A part of a project that its kind describes: the kind's name and the options as they were given. */
export interface AdapterSpec<Options = object> {
  /** Name of the kind. */
  readonly kind: string;
  /** As written; checked when the project is loaded. */
  readonly options: Options;
}

/** What the function of a source's kind returns. */
export interface SourceSpec<Options = object> extends AdapterSpec<Options> {
  /** For the compiler only, never set: a sink is no source. */
  readonly role?: "source";
}

/** What the function of a sink's kind returns. */
export interface SinkSpec<Options = object> extends AdapterSpec<Options> {
  /** For the compiler only, never set: a source is no sink. */
  readonly role?: "sink";
}

/** What a shoplake.config.ts exports. */
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
    /** A folder, relative to the project or absolute. */
    readonly path?: Text;
    /** A bucket, instead of a folder. */
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
        /** "http://clickhouse:8123" */
        readonly url: Text;
        /** Default "default". */
        readonly username?: Text;
        /** Default: empty. */
        readonly password?: Text;
      };
  /** By name. Default: none. */
  readonly sources?: Readonly<Record<string, SourceSpec>>;
  /** By name. Default: none. */
  readonly sinks?: Readonly<Record<string, SinkSpec>>;
  /** When `shoplake serve` runs what. Default: never. */
  readonly schedules?: readonly {
    /** A selector of its own: `shoplake run <name>` runs the same. */
    readonly name: string;
    /** Five fields (minute hour day-of-month month day-of-week) or @hourly, @daily, @weekly, @monthly, @yearly. */
    readonly cron: string;
    /** Which datasets: "bronze", "+gold.sales", "tag:daily". */
    readonly select: string;
  }[];
  /** Tasks at a time. Default 2. */
  readonly concurrency?: number;
  /** For tasks that failed with an error that may go away. Default 3 attempts, 1000 ms before the second, then doubling. */
  readonly retries?: { readonly attempts?: number; readonly delayMs?: number };
  /**
   * How many days runs, their tasks and check results, and closed rejects are remembered, at least; whole months are dropped.
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
