/** Options of a PostgreSQL sink: what a config file may write, and what comes out complete. */
import { z } from "zod";
import { object } from "../../project/issues.ts";
import { retries, secretText, select, tls } from "../../project/options.ts";

/** All options. */
export const options = object({
  /** postgres://user:password@host:port/database */
  url: secretText(),
  /** Schema of the target tables; created when it is missing. */
  schema: z.string().min(1),
  /** Selector of the datasets to write. Default "gold". */
  select,
  /** Target table names by dataset, e.g. { "gold.fact_daily_sales": "daily_sales" }. Default: the dataset's own name. */
  tables: z.record(z.string(), z.string().min(1)).default({}),
  /** TLS is used when this is given, or when the URL asks for it (`sslmode=require`). */
  tls: tls.optional(),
  /** How often a failed connection is tried again; waits 0.5 s, 1 s, 2 s, ... in between. Default 3. */
  retries,
});

/** What `postgres()` takes for a sink. */
export type PostgresSinkSpec = z.input<typeof options>;
/** Complete options. */
export type PostgresSinkConfig = z.output<typeof options>;

/** Name of the table that holds a dataset: "fact_daily_sales" for gold.fact_daily_sales. */
export function tableOf({ tables }: Pick<PostgresSinkConfig, "tables">, dataset: string): string {
  return tables[dataset] ?? dataset.slice(dataset.indexOf(".") + 1);
}
