/** PostgreSQL tables as a source. */

import type { ColumnNamesSpec, NameStyle, Names, SchemaPolicy, Text, TlsSpec } from "../../project/define.ts";
import { defineSource } from "../define.ts";

/** Options of a PostgreSQL source. */
export interface PostgresSourceSpec {
  /** postgres://user:password@host:port/database */
  readonly url: Text;
  /** Schema of the tables. Default "public". */
  readonly schema?: string;
  /**
   * By table name; "*" means all tables of the schema that are not named. Tables of "*" whose names cannot be names of datasets are
   * left out with a warning.
   */
  readonly tables: Readonly<Record<string, PostgresTableSpec>>;
  /** Tables that "*" leaves out, by their names at the source. Default: none. */
  readonly exclude?: Names;
  /** The same for all tables that do not say it themselves. */
  readonly names?: NameStyle;
  /** What columns do when the source changes. Default "evolve". */
  readonly schemaPolicy?: SchemaPolicy;
  /** TLS is used when this is given, or when the URL asks for it (`sslmode=require`). */
  readonly tls?: TlsSpec;
  /** How often a failed connection is tried again; waits 0.5 s, 1 s, 2 s, ... in between. Default 3. */
  readonly retries?: number;
}

/** Options of one table of a PostgreSQL source. */
export interface PostgresTableSpec extends ColumnNamesSpec {
  /**
   * The table's name at the source, when it cannot be or shall not be that of the dataset, e.g. order_items: { from: "Order Items" }.
   * Default: the same name.
   */
  readonly from?: string;
  /** Columns that identify a row. Default: the table's primary key. */
  readonly key?: Names;
  /** A column that grows with every insert and update. Default: none, the table is copied whole each time. */
  readonly cursor?: string;
  /** Columns to read, the same as `include`. Default: all. */
  readonly columns?: readonly string[];
  /**
   * How many seconds behind the newest cursor value reading starts again, for transactions that commit late. Rows that are
   * known already are dropped, so a wide window costs reading time only. Default 300: longer than web requests and most jobs run.
   */
  readonly safetyWindowSeconds?: number;
  /** The same for a cursor of whole numbers, in units of the cursor. Default 1000. */
  readonly safetyWindowUnits?: number;
  /**
   * The greatest value of the cursor that is believed: "2030-12-31", "2030-12-31 23:59:59" (UTC for a timestamptz), or a number.
   * Greater ones are read and warned of, and do not move the start of the next read. Default: now plus the safety window; for a
   * cursor of whole numbers none.
   */
  readonly cursorMax?: string | number;
  /** Columns to keep as the text PostgreSQL prints, e.g. a numeric(12,2) that holds NaN. Default: none. */
  readonly asText?: Names;
  /**
   * Columns that models read and that the source no longer has: NULL from then on, older values stay. Default: none, so that a column
   * that is missing stops the table's task before anything is read.
   */
  readonly retired?: Names;
  /** Compare all keys on each run and mark rows that are gone. Needs a key. Default false. */
  readonly detectDeletes?: boolean;
  /** SQL condition on the table's columns, in PostgreSQL's words. Default: all rows. */
  readonly where?: string;
}

/** A PostgreSQL database as a source. */
export const postgres = defineSource<PostgresSourceSpec>("postgres", () => import("./kind.ts"));
