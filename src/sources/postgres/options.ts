/** Options of a PostgreSQL source: what a config file may write, and what comes out complete. */
import { z } from "zod";
import { names, object } from "../../project/issues.ts";
import { count, retries, secretText, tls } from "../../project/options.ts";
import { schemaPolicy } from "../schema-policy.ts";

const table = object({
  /** Columns that identify a row. Default: the table's primary key. */
  key: names().default([]),
  /** A column that grows with every insert and update. Default: none, the table is copied whole each time. */
  cursor: z.string().optional(),
  /** Columns to read. Default: all. */
  columns: z.array(z.string()).nonempty().readonly().optional(),
  /**
   * How many seconds behind the newest cursor value reading starts again, for transactions that commit late. Rows that are
   * known already are dropped, so a wide window costs reading time only. Default 300: longer than web requests and most jobs run.
   */
  safetyWindowSeconds: z.number().nonnegative().default(300),
  /** The same for a cursor of whole numbers, in units of the cursor. Default 1000. */
  safetyWindowUnits: count.or(z.literal(0)).default(1000),
  /** Columns to keep as the text PostgreSQL prints, e.g. a numeric(12,2) that holds NaN. Default: none. */
  asText: names().default([]),
  /**
   * Columns that models read and that the source has given up: NULL from then on, older values stay. Default: none, so that a column
   * that is missing stops the table's task before anything is read.
   */
  retired: names().default([]),
  /** Compare all keys on each run and mark rows that are gone. Needs a key. Default false. */
  detectDeletes: z.boolean().default(false),
  /** SQL condition on the table's columns, in PostgreSQL's words. Default: all rows. */
  where: z.string().optional(),
});

/** All options. */
export const options = object({
  /** postgres://user:password@host:port/database */
  url: secretText(),
  /** Schema of the tables. Default "public". */
  schema: z.string().min(1).default("public"),
  /** By table name; "*" stands for all tables of the schema that are not named. */
  tables: z
    .record(z.string().min(1), table)
    .refine((tables) => Object.keys(tables).length > 0, "name at least one table"),
  /** What columns do when the source changes. Default "evolve". */
  schemaPolicy,
  /** TLS is used when this is given, or when the URL asks for it (`sslmode=require`). */
  tls: tls.optional(),
  /** How often a failed connection is tried again; waits 0.5 s, 1 s, 2 s, ... in between. Default 3. */
  retries,
});

/** What `postgres()` takes for a source. */
export type PostgresSourceSpec = z.input<typeof options>;
/** What it takes for each table. */
export type PostgresTableSpec = z.input<typeof table>;
/** Complete options. */
export type PostgresSourceConfig = z.output<typeof options>;
