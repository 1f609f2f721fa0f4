/**
 * The interface of a sink: takes one version of a dataset and makes the target equal to it, once.
 * Adding a sink: a folder with define.ts, options.ts, kind.ts and sink.ts, its line in registry.ts, one test, one page in docs/sinks/.
 */
import type { Column, Engine } from "../engine/engine.ts";
import type { Reached } from "../util/reached.ts";

/** All values of a column, NULL aside, are values of a unique column of a dataset of the same sink. */
export interface Reference {
  /** Of the dataset that is delivered. */
  readonly column: string;
  /** The unique column and its dataset. */
  readonly to: { readonly dataset: string; readonly column: string };
}

/** One version of a dataset. */
export interface SinkInput {
  /** "gold.fact_daily_sales" */
  readonly dataset: string;
  /** For messages only: a number comes back with other rows when a table is made anew or restored. */
  readonly version: number;
  /**
   * Tells the version from all others, an opaque text that is compared whole: of two versions with the same identity, all rows are
   * the same. Default: none, then nothing tells them and a sink must look at the rows.
   */
  readonly identity?: string | undefined;
  /** Table expression that reads exactly that version. */
  readonly from: string;
  /** Columns to deliver, in their order. */
  readonly columns: readonly Column[];
  /** Columns that identify a row; empty: none do. */
  readonly key: readonly string[];
  /** Of the dataset, for a person. */
  readonly description?: string;
  /** By column name. */
  readonly columnDescriptions?: Readonly<Record<string, string>>;
  /** What the project's checks say about its columns; for sinks that know foreign keys. Default: none. */
  readonly references?: readonly Reference[];
  /** Columns that references of other datasets of the sink point at: unique, by the key or by a check. Default: none. */
  readonly referenced?: readonly string[];
  /** True: all rows at the target are compared or written anew, whatever is recorded of them. Default false. */
  readonly reload?: boolean;
}

/** What a sink may use. */
export interface SinkContext {
  /** Reads the version. */
  readonly engine: Engine;
  /** Absolute folder for spooled files of this task; removed afterwards. */
  readonly spool: string;
  /** Absolute folder of the project; relative paths of a sink start here. */
  readonly projectDir: string;
  /** Ends the work. */
  readonly signal: AbortSignal;
  /** For a person; shown in progress and logs, never with secrets. */
  warn(message: string): void;
}

/** What a delivery did. */
export interface SinkResult {
  /** Rows that are new at the target. */
  readonly inserted: number;
  /** Rows whose key was there with other values. */
  readonly updated: number;
  /** Rows that are not there any more. */
  readonly deleted: number;
  /** True when the target already held this version. */
  readonly unchanged: boolean;
}

/** What a probe needs. */
export type ProbeContext = Pick<SinkContext, "projectDir" | "signal">;

/** An open sink. Nothing is connected before it is asked for something. */
export interface Sink {
  /** Name of its kind. */
  readonly kind: string;
  /**
   * Finds out in a few seconds whether the target can be reached and written. Throws one `sink` error marked `unreachable` that
   * says what to do.
   */
  probe(context: ProbeContext): Promise<Reached>;
  /** Makes the target equal to the dataset version in one atomic step. Calling it again changes nothing. */
  write(input: SinkInput, context: SinkContext): Promise<SinkResult>;
  /** Closes connections. May be called again. */
  close(): Promise<void>;
}
