/**
 * A project as plain, readonly, complete data: what load.ts returns and everything else takes.
 * Nothing here is optional that has a default. Survives JSON.parse(JSON.stringify(project)), except `sources` and `sinks`
 * configurations that hold `Secret`s (they print as "***").
 */

import type { CheckSpec } from "../api/checks.ts";
import type { Column } from "../engine/engine.ts";

export type Layer = "bronze" | "silver" | "gold";

export interface Project {
  readonly name: string;
  /** Absolute folder of shoplake.config.ts. */
  readonly dir: string;
  /** Absolute folder of state: <dir>/.shoplake by default. */
  readonly stateDir: string;
  /** IANA name; reporting days are days of this timezone. Default "UTC". */
  readonly timezone: string;
  /** ISO 4217. Default "EUR". */
  readonly currency: string;
  readonly lake: LakeConfig;
  readonly engine: EngineConfig;
  /** By name. */
  readonly sources: Readonly<Record<string, SourceConfig>>;
  /** By name. */
  readonly sinks: Readonly<Record<string, SinkConfig>>;
  readonly schedules: readonly Schedule[];
  readonly models: readonly Model[];
  readonly queries: readonly NamedQuery[];
  readonly unitTests: readonly UnitTest[];
  /** Tasks at a time. Default 2. */
  readonly concurrency: number;
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

/** A source. */
export interface SourceConfig extends AdapterConfig {
  /** The tables that its options name. */
  readonly tables: readonly ConfiguredTable[];
}

/** A table of a source as far as the options tell. */
export interface ConfiguredTable {
  /** "orders"; "*" stands for all tables of the source that are not named. */
  readonly name: string;
  /** Columns that identify a row; empty: none are named, the source may know. */
  readonly key: readonly string[];
  /** Column that grows with every insert and update; undefined: none. */
  readonly cursor: string | undefined;
}

/** A sink. */
export interface SinkConfig extends AdapterConfig {
  /** Selector of the datasets it takes. Default "gold". */
  readonly select: string;
}

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
  reveal(): string;
}

export interface Schedule {
  readonly name: string;
  readonly cron: string;
  readonly select: string;
}

/** One SELECT in one .sql file with its header. */
export interface Model {
  /** "silver.orders" */
  readonly dataset: string;
  readonly layer: "silver" | "gold";
  readonly name: string;
  /** Relative to the project: "models/silver/orders.sql". */
  readonly file: string;
  /** The SELECT, without header. */
  readonly sql: string;
  /** Line of the file on which `sql` starts (1-based): an error at line n of the SELECT is at line sqlLine + n - 1 of the file. */
  readonly sqlLine: number;
  readonly description: string;
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
  readonly columns: readonly ColumnSpec[];
  /** Row rules: name -> SQL condition that is true for a bad row. */
  readonly reject: readonly RejectRule[];
  readonly checks: readonly CheckSpec[];
  /** Datasets it reads, from the engine's parser, sorted. */
  readonly dependencies: readonly string[];
  /** Result columns from the engine's DESCRIBE; with `columns[].type` applied. Empty until resolved. */
  readonly schema: readonly Column[];
  /** Names and types of `{name:Type}` parameters it uses. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ColumnSpec {
  readonly name: string;
  readonly description: string;
  /** A ClickHouse type: text that cannot be cast to it makes the row a reject named `invalid_<column>`. */
  readonly type: string | undefined;
  readonly tags: readonly string[];
}

export interface RejectRule {
  readonly name: string;
  readonly condition: string;
  readonly location: string;
}

export interface NamedQuery {
  /** "kpi/revenue" for queries/kpi/revenue.sql */
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  readonly sqlLine: number;
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
  readonly name: string;
  readonly model: string;
  readonly file: string;
  readonly line: number;
  readonly given: Readonly<Record<string, readonly Record<string, unknown>[]>>;
  readonly expect: readonly Record<string, unknown>[];
  readonly parameters: Readonly<Record<string, string>>;
}
