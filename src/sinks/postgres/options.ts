/** Options of a PostgreSQL sink: what a config file may write, and what comes out complete. */
import { z } from "zod";
import { object } from "../../project/issues.ts";
import { retries, type Same, secretText, select, type Takes, tls } from "../../project/options.ts";
import type { PostgresSinkSpec } from "./define.ts";

/** All options. */
export const options = object({
  url: secretText(),
  schema: z.string().min(1),
  select,
  tables: z.record(z.string(), z.string().min(1)).default({}),
  tls: tls.optional(),
  retries,
});

/** Complete options. */
export type PostgresSinkConfig = z.output<typeof options>;

/** Name of the table that holds a dataset: "fact_daily_sales" for gold.fact_daily_sales. */
export function tableOf({ tables }: Pick<PostgresSinkConfig, "tables">, dataset: string): string {
  return tables[dataset] ?? dataset.slice(dataset.indexOf(".") + 1);
}

/** Compiles only while the schema takes exactly what define.ts describes. */
export type Checked = Same<[Takes<typeof options, PostgresSinkSpec>]>;
