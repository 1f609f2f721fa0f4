/**
 * The interface of a sink: takes one version of a dataset and makes the target equal to it, once.
 * Adding a sink: one file here, one test, one page in docs/sinks/, one line in registry.ts.
 */
import type { Column, Engine } from "../engine/engine.ts";

/** All values of a column, NULL aside, are values of a unique column of a dataset of the same sink. */
export interface Reference {
  readonly column: string;
  readonly to: { readonly dataset: string; readonly column: string };
}

export interface SinkInput {
  /** "gold.fact_daily_sales" */
  readonly dataset: string;
  readonly version: number;
  /** Of two versions with the same identity, all rows are the same: a sink that holds one need not read the other. Default: none. */
  readonly identity?: string | undefined;
  /** Table expression that reads exactly that version. */
  readonly from: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  readonly description?: string;
  /** By column name. */
  readonly columnDescriptions?: Readonly<Record<string, string>>;
  /** What the project's checks say about its columns; for sinks that know foreign keys. Default: none. */
  readonly references?: readonly Reference[];
  /** Columns that references of other datasets of the sink point at: unique, by the key or by a check. Default: none. */
  readonly referenced?: readonly string[];
}

export interface SinkContext {
  readonly engine: Engine;
  readonly spool: string;
  readonly projectDir: string;
  readonly signal: AbortSignal;
  warn(message: string): void;
}

export interface SinkResult {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** True when the target already held this version. */
  readonly unchanged: boolean;
}

export interface Sink {
  readonly kind: string;
  /** Makes the target equal to the dataset version in one atomic step. Calling it again changes nothing. */
  write(input: SinkInput, context: SinkContext): Promise<SinkResult>;
  close(): Promise<void>;
}
