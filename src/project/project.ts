/**
 * A project as plain, readonly data: what load.ts returns and everything else works with. Complete but for `dependencies` and
 * `schema` of the models, which are empty until the project is resolved.
 * Nothing here is optional that has a default. Survives JSON.parse(JSON.stringify(project)), except `sources` and `sinks`
 * configurations that hold `Secret`s (they print as "***").
 */

import type { CheckSpec } from "../api/checks.ts";
import type { Column } from "../engine/engine.ts";

/** Where a dataset belongs: as received, clean, or ready for questions. */
export type Layer = "bronze" | "silver" | "gold";

/** Everything that the files of a project say. */
export interface Project {
  /** As the configuration gives it. */
  readonly name: string;
  /** Absolute folder of shoplake.config.ts. */
  readonly dir: string;
  /** Absolute folder of state: <dir>/.shoplake by default. */
  readonly stateDir: string;
  /** IANA name; reporting days are days of this timezone. Default "UTC". */
  readonly timezone: string;
  /** ISO 4217. Default "EUR". */
  readonly currency: string;
  /** Where bronze and silver are kept. */
  readonly lake: LakeConfig;
  /** What runs all SQL. */
  readonly engine: EngineConfig;
  /** By name. */
  readonly sources: Readonly<Record<string, SourceConfig>>;
  /** By name. */
  readonly sinks: Readonly<Record<string, SinkConfig>>;
  /** In the order of the configuration. Default: none. */
  readonly schedules: readonly Schedule[];
  /** By file. */
  readonly models: readonly Model[];
  /** By file. */
  readonly queries: readonly NamedQuery[];
  /** By file. */
  readonly unitTests: readonly UnitTest[];
  /** Tasks at a time. Default 2. */
  readonly concurrency: number;
  /** `attempts` per task, the first one included; `delayMs` before the second, twice as long before each later one. Default 3 and 1,000 (milliseconds). */
  readonly retries: { readonly attempts: number; readonly delayMs: number };
  /** How long finished runs are remembered, in days. */
  readonly retention: { readonly runDays: number };
}

/** A source or sink: what the function of its kind was given, validated, defaults filled in. */
export interface AdapterConfig {
  /** Name of its kind. */
  readonly kind: string;
  /** Complete options. Only the kind knows what they mean. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Where rows come from. */
export interface SourceConfig extends AdapterConfig {
  /** The tables that its options name. */
  readonly tables: readonly ConfiguredTable[];
}

/** A table of a source as far as the options tell. */
export interface ConfiguredTable {
  /** "orders"; "*" means all tables of the source that are not named. */
  readonly name: string;
  /** Columns that identify a row; empty: none are named, the source may know. */
  readonly key: readonly string[];
  /** Column that grows with every insert and update; undefined: none. */
  readonly cursor: string | undefined;
}

/** Where datasets are delivered to. */
export interface SinkConfig extends AdapterConfig {
  /** Selector of the datasets it takes. Default "gold". */
  readonly select: string;
}

/** A folder, or a place in a bucket with the keys to it. */
export type LakeConfig =
  | { readonly kind: "local"; readonly path: string }
  | {
      readonly kind: "s3";
      readonly endpoint: string;
      readonly region: string;
      readonly bucket: string;
      readonly prefix: string;
      readonly accessKeyId: Secret;
      readonly secretAccessKey: Secret;
    };

/** ClickHouse as a child process with limits (`memoryBytes`, `threads`, `slots`: statements at a time), or a server that is there already. */
export type EngineConfig =
  | {
      readonly kind: "embedded";
      readonly memoryBytes: number;
      readonly threads: number;
      readonly slots: number;
    }
  | { readonly kind: "server"; readonly url: string; readonly username: string; readonly password: Secret };

/** Holds a value that never prints: toString, JSON and inspect give "***". Read it with `reveal()`. */
export interface Secret {
  /** The value itself: for whoever hands it on to the system that it belongs to, for nobody else. */
  reveal(): string;
}

/** When to run what. */
export interface Schedule {
  /** Unique; also a selector for what it runs. */
  readonly name: string;
  /** Five fields, in the timezone of the project. */
  readonly cron: string;
  /** Selector of datasets, such as "bronze" or "+gold.fact_daily_sales". */
  readonly select: string;
}

/** One SELECT in one .sql file with its header. */
export interface Model {
  /** "silver.orders" */
  readonly dataset: string;
  /** That of its folder: models/silver or models/gold. */
  readonly layer: "silver" | "gold";
  /** "orders" of "silver.orders". */
  readonly name: string;
  /** Relative to the project: "models/silver/orders.sql". */
  readonly file: string;
  /** The SELECT, without header. */
  readonly sql: string;
  /** Line of the file on which `sql` starts (1-based): an error at line n of the SELECT is at line sqlLine + n - 1 of the file. */
  readonly sqlLine: number;
  /** For people; "" when there is none. */
  readonly description: string;
  /** For selectors and for people; [] when there are none. */
  readonly tags: readonly string[];
  /** Columns that identify a row of the dataset; empty: none declared. */
  readonly key: readonly string[];
  /**
   * With a key: of several rows with the same key the one with the greatest tuple of these columns is published, the rest
   * count as deduplicated. Empty: the key must be unique already (checked).
   */
  readonly newestBy: readonly string[];
  /** SQL expression over the dataset's own columns; undefined: one partition. */
  readonly partitionBy: string | undefined;
  /** Sorting key of a warehouse table; default: the key, else nothing. */
  readonly orderBy: readonly string[];
  /** What the header says of columns; not all columns need be there. */
  readonly columns: readonly ColumnSpec[];
  /** Row rules: name -> SQL condition that is true for a bad row. */
  readonly reject: readonly RejectRule[];
  /** Of the header, of its columns, and of files in checks/. */
  readonly checks: readonly CheckSpec[];
  /** Datasets it reads, from the engine's parser, sorted. */
  readonly dependencies: readonly string[];
  /** Result columns from the engine's DESCRIBE; with `columns[].type` applied. Empty until resolved. */
  readonly schema: readonly Column[];
  /** Names and types of `{name:Type}` parameters it uses. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What a header says of a column. */
export interface ColumnSpec {
  /** As in the SELECT. */
  readonly name: string;
  /** For people; "" when there is none. */
  readonly description: string;
  /** A ClickHouse type: text that cannot be cast to it makes the row a reject named `invalid_<column>`. */
  readonly type: string | undefined;
  /** "pii": its values are not shown in samples. [] when there are none. */
  readonly tags: readonly string[];
}

/** A row for which the condition is true goes to quarantine. */
export interface RejectRule {
  /** Recorded with every row that it rejects. */
  readonly name: string;
  /** SQL over the columns of the SELECT; NULL counts as good. */
  readonly condition: string;
  /** "models/silver/orders.sql:12". */
  readonly location: string;
}

/** One SELECT of the folder queries/ with its header. */
export interface NamedQuery {
  /** "kpi/revenue" for queries/kpi/revenue.sql */
  readonly name: string;
  /** Relative to the project. */
  readonly file: string;
  /** Without header. */
  readonly sql: string;
  /** Line of the file on which `sql` starts, from 1. */
  readonly sqlLine: number;
  /** For people; "" when there is none. */
  readonly description: string;
  /** "headline": shown after a run of the demo. */
  readonly tags: readonly string[];
  /** Datasets it reads, from the engine's parser, sorted. Empty until resolved. */
  readonly reads: readonly string[];
  /** Typed parameters with the defaults of the header. Without one it must be given, or is a standard one: `queryDefaults`. */
  readonly parameters: Readonly<
    Record<
      string,
      { readonly type: string; readonly default: string | undefined; readonly description: string }
    >
  >;
}

/** tests/*.yaml: given rows -> expected rows, run on the engine. */
export interface UnitTest {
  /** Unique among all tests of the project. */
  readonly name: string;
  /** Dataset of the model that it tests. */
  readonly model: string;
  /** Relative to the project. */
  readonly file: string;
  /** Where it begins, from 1. */
  readonly line: number;
  /** Rows by dataset; a dataset that the model reads and that is not here is empty. */
  readonly given: Readonly<Record<string, readonly Record<string, unknown>[]>>;
  /** Rows of the SELECT, in any order. */
  readonly expect: readonly Record<string, unknown>[];
  /** Values of the model's parameters, as text. */
  readonly parameters: Readonly<Record<string, string>>;
}
