/** What a data dictionary holds: plain data. */

import type { CheckSpec } from "../../api/checks.ts";
import type { Layer, Schedule } from "../../project/project.ts";
import type { Readers } from "../readers.ts";
import type { SinkEntry, SourceEntry } from "./systems.ts";

/** Everything that a project says of itself. */
export interface Dictionary {
  /** Name of the project. */
  readonly name: string;
  /** IANA name: reporting days are days of it. */
  readonly timezone: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Bronze, silver, gold; by name within a layer. */
  readonly datasets: readonly DatasetEntry[];
  /** Files of the folder checks/. */
  readonly checks: readonly FileCheckEntry[];
  /** By name. */
  readonly queries: readonly QueryEntry[];
  /** In the order of the configuration. */
  readonly sources: readonly SourceEntry[];
  /** In the order of the configuration. */
  readonly sinks: readonly SinkEntry[];
  /** In the order of the configuration. */
  readonly schedules: readonly Schedule[];
}

/** What there is to know about one dataset without reading its rows. */
export interface DatasetEntry {
  /** "silver.orders" */
  readonly dataset: string;
  /** Its layer. */
  readonly layer: Layer;
  /** The model's file, or the source. */
  readonly from: string;
  /** Of the header; "" when there is none. */
  readonly description: string;
  /** Of the header. */
  readonly tags: readonly string[];
  /** Columns that identify a row; empty: none are declared. */
  readonly key: readonly string[];
  /** Columns that decide which of several rows of a key is published. */
  readonly newestBy: readonly string[];
  /** SQL expression; empty: one partition. */
  readonly partitionBy: string;
  /** Datasets that its model reads. */
  readonly inputs: readonly string[];
  /** Names of what reads it directly. */
  readonly readBy: Pick<Readers, "datasets" | "queries" | "sinks">;
  /** Empty while they are not known. */
  readonly columns: readonly ColumnEntry[];
  /** Rows for which the condition holds are rejected. */
  readonly rules: readonly { readonly name: string; readonly condition: string }[];
  /** Checks of the whole dataset, without those of a file. */
  readonly checks: readonly CheckEntry[];
}

/** A column of a dataset. */
export interface ColumnEntry {
  /** Name of the column. */
  readonly name: string;
  /** Empty while it is not known. */
  readonly type: string;
  /** Of the header; "" when there is none. */
  readonly description: string;
  /** Checks of this column. */
  readonly checks: readonly CheckEntry[];
  /** Of the header. */
  readonly tags: readonly string[];
}

/** A check as its header has it. */
export type CheckEntry = Pick<CheckSpec, "name" | "type" | "arguments" | "severity" | "where" | "threshold">;

/** A check in a file of its own. */
export interface FileCheckEntry {
  /** Relative to the project. */
  readonly file: string;
  /** Dataset that it looks at. */
  readonly dataset: string;
  /** What the bad rows are. */
  readonly description: string;
  /** What a bad row means. */
  readonly severity: CheckSpec["severity"];
}

/** A named query. */
export interface QueryEntry {
  /** "kpi/revenue" */
  readonly name: string;
  /** Relative to the project. */
  readonly file: string;
  /** Of the header; "" when there is none. */
  readonly description: string;
  /** Of the header. */
  readonly tags: readonly string[];
  /** Datasets that it names. */
  readonly reads: readonly string[];
  /** In the order of the SELECT. */
  readonly parameters: readonly ParameterEntry[];
}

/** A parameter of a query. */
export interface ParameterEntry {
  /** Name without braces. */
  readonly name: string;
  /** ClickHouse type. */
  readonly type: string;
  /** Of the header; "" when there is none. */
  readonly description: string;
  /** Of the header; absent: a `standard` one is the project's, another must be given. */
  readonly default?: string;
  /** True for one whose value the project knows: today, timezone, currency. */
  readonly standard: boolean;
}
