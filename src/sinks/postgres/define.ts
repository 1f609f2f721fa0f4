/** PostgreSQL tables as a sink. */

import type { Text, TlsSpec } from "../../project/define.ts";
import { defineSink } from "../define.ts";

/** Options of a PostgreSQL sink. */
export interface PostgresSinkSpec {
  /** postgres://user:password@host:port/database */
  readonly url: Text;
  /** Schema of the target tables; created when it is missing. */
  readonly schema: string;
  /** Selector of the datasets to write. Default "gold". */
  readonly select?: string;
  /** Target table names by dataset, e.g. { "gold.fact_daily_sales": "daily_sales" }. Default: the dataset's own name. */
  readonly tables?: Readonly<Record<string, string>>;
  /** TLS is used when this is given, or when the URL asks for it (`sslmode=require`). */
  readonly tls?: TlsSpec;
  /** How often a failed connection is tried again; waits 0.5 s, 1 s, 2 s, ... in between. Default 3. */
  readonly retries?: number;
}

/** A PostgreSQL database as a sink. */
export const postgres = defineSink<PostgresSinkSpec>("postgres", () => import("./kind.ts"));
