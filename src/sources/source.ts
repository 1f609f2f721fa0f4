/**
 * The interface of a source. A source says what tables it has and yields extracts;
 * the pipeline turns every extract into one `INSERT ... SELECT <extract>` and one Delta commit.
 * Adding a source: a folder with define.ts, options.ts, kind.ts and source.ts, its line in registry.ts, one test, one page in docs/sources/.
 */
import type { Column, Engine } from "../engine/engine.ts";
import type { Reached } from "../util/reached.ts";
import type { SchemaPolicy } from "./schema-policy.ts";

/** A table of a source. Its bronze dataset is named `<source>_<table>`. */
export interface SourceTable {
  /** As the source spells it. */
  readonly name: string;
  /** Columns that identify a row; empty when unknown. */
  readonly key: readonly string[];
  /** Grows with every insert and update; undefined: the table is copied whole each time. */
  readonly cursor?: string;
  /** Discovered columns with the ClickHouse types they get in bronze, and the reserved ones the source itself adds (`_file`, `_row`, `_deleted`). */
  readonly columns: readonly Column[];
}

/** What bronze already holds: the only memory a source has. */
export interface BronzeState {
  /** Delta txn entries of the bronze table (appId -> version): positions that were committed with rows. */
  readonly positions: ReadonlyMap<string, number>;
  /** Columns of the bronze table; undefined when it does not exist yet. */
  readonly columns: readonly Column[] | undefined;
  /** Properties of the bronze table: what extracts have set. Default: none. */
  readonly properties?: Readonly<Record<string, string>>;
  /**
   * A table expression that reads the bronze table at its current version, e.g. for `SELECT max(updated_at) FROM ...`. The same
   * expression always yields the same rows.
   */
  readonly from: string | undefined;
  /**
   * Places of rejects, without line numbers ("inbox/a.csv", "inbox/a.zip!b.csv"), whose input shall be read once more though it
   * was read already: the source's options were corrected. Default: none.
   */
  readonly again?: readonly string[];
  /**
   * True: everything is read from the start, in the place of what bronze holds, whose rows stay until then. What bronze holds that
   * the source has no more goes, except files that are not there any more. Default false.
   */
  readonly reload?: boolean;
  /**
   * Models that read a column of the bronze table, by dataset name. Costs time: asked only when the column changed at the source.
   * Default: none.
   */
  modelsThatRead?(column: string): Promise<readonly string[]>;
}

/** An unreadable piece of input: goes to quarantine as it is. */
export interface RejectedInput {
  /** "inbox/a.csv.gz:88", "shop.orders key 17". */
  readonly sourceRef: string;
  /** Short snake_case name of the reason: "wrong_column_count", "bad_encoding". */
  readonly rule: string;
  /** One sentence for a person. */
  readonly reason: string;
  /** The key of its row, where one could be read: "order_id=17". */
  readonly key?: string;
  /** The original bytes, as text; bytes that are not UTF-8 as base64 with `rawEncoding: "base64"`. */
  readonly raw: string;
  /** Default "utf8". */
  readonly rawEncoding?: "utf8" | "base64";
}

/** How an extract's rows enter the bronze table; always one atomic commit. */
export type ExtractWrite =
  /** All rows are new. */
  | { readonly mode: "append" }
  /** Rows whose whole content (all but `_ingested_at`, `_run_id`, `_source`) is already in bronze among rows matching `where` are dropped. */
  | {
      readonly mode: "append_new";
      readonly where: string;
      /**
       * True: of equal rows, as many are dropped as bronze holds. For rows without a key, of which equal ones are several. Default
       * false: all are dropped.
       */
      readonly counted?: boolean;
    }
  /** The rows are the whole table: replaces what was there; nothing happens when the content is the same. */
  | { readonly mode: "overwrite" }
  /** Rows with one of these values in `_file` are replaced by this extract's rows. */
  | { readonly mode: "replace_files"; readonly files: readonly string[] };

/** A piece of input that enters bronze in one commit. */
export interface Extract {
  /** Shown in progress and lineage: "inbox/2011-11-01.csv.gz", "public.orders". */
  readonly label: string;
  /** ClickHouse table expression that yields exactly `columns`; read once. */
  readonly from: string;
  /** Settings the reading statement needs (format options). */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** All columns it yields, source columns and reserved ones (`_file`, `_file_hash`, `_row`, `_deleted`). */
  readonly columns: readonly Column[];
  /** How its rows enter bronze. */
  readonly write: ExtractWrite;
  /** Delta txn entries to commit together with the rows. */
  readonly positions: Readonly<Record<string, number>>;
  /** Properties of the bronze table to set together with the rows: what is decided once. Default: none. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Rows the input holds, when known before reading, without the rejected ones. */
  readonly rows?: number;
  /** What of it cannot be read. */
  readonly rejected: readonly RejectedInput[];
  /** Started together with the reading statement: pushes bytes into a pipe. Gives the rows pushed (undefined: what was pushed
   * are not the extract's rows); rejects when the source breaks. */
  pump?(signal: AbortSignal): Promise<number | undefined>;
  /** Called after it was read, if bronze is at the same version as before: nothing of it was new. */
  nothingNew?(): Promise<void>;
  /** Removes pipes and spooled files. Called once, also after failure. */
  dispose(): Promise<void>;
}

/** What a source may use. */
export interface SourceContext {
  /** Reads what the source yields; also for questions about what bronze holds. */
  readonly engine: Engine;
  /** Absolute folder for pipes and spooled files of this task; removed afterwards. */
  readonly spool: string;
  /** Absolute folder of the project; relative paths of a source start here. */
  readonly projectDir: string;
  /** Absolute folder for what only saves time and may be deleted at any moment; absent: nothing is remembered. */
  readonly cacheDir?: string;
  /** Ends the work. */
  readonly signal: AbortSignal;
  /** For a person; shown in progress and logs, never with secrets. */
  warn(message: string): void;
}

/** What a probe needs. */
export type ProbeContext = Pick<SourceContext, "projectDir" | "signal">;

/** An open source. Nothing is connected before it is asked for something. */
export interface Source {
  /** "files", "postgres". */
  readonly kind: string;
  /** What columns do when the source changes: take them over, ignore new ones, or stop. */
  readonly schemaPolicy: SchemaPolicy;
  /**
   * Finds out in a few seconds whether the source can be reached; changes nothing there. Throws one `source` error marked
   * `unreachable` that says what to do, so that a run asks once and nothing that needs the source tries again.
   */
  probe(context: ProbeContext): Promise<Reached>;
  /** Discovers tables, keys, columns. Throws `source` errors that name what is missing. */
  tables(context: SourceContext): Promise<readonly SourceTable[]>;
  /** Everything that bronze does not hold yet, in order. Nothing new: yields nothing. */
  read(table: SourceTable, state: BronzeState, context: SourceContext): AsyncIterable<Extract>;
  /** Closes connections. */
  close(): Promise<void>;
}
