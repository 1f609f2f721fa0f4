/** Options of a PostgreSQL sink: what a config file may write, and what comes out complete. */
import { z } from "zod";
import { object } from "../../project/issues.ts";
import { retries, type Same, secretText, select, type Takes, tls } from "../../project/options.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { PostgresSinkSpec } from "./define.ts";
import { ledgerTable } from "./ledger.ts";

/** PostgreSQL cuts longer names, so that two of them could be one. */
const longestName = 63;

const tableName = z
  .string()
  .min(1)
  .refine(
    (name) => Buffer.byteLength(name) <= longestName,
    `PostgreSQL keeps ${longestName} bytes of a name`,
  );

/** All options. */
export const options = object({
  url: secretText(),
  schema: tableName,
  select,
  tables: z
    .record(
      z.string(),
      tableName.refine((name) => name !== ledgerTable, `${ledgerTable} is Shoplake's own table`),
    )
    .default({}),
  tls: tls.optional(),
  retries,
});

/** Complete options. */
export type PostgresSinkConfig = z.output<typeof options>;

/**
 * Name of the table that holds a dataset: "fact_daily_sales" for gold.fact_daily_sales. Throws `config` when PostgreSQL would cut
 * it: the tables of two datasets could then be one.
 */
export function tableOf({ tables }: Pick<PostgresSinkConfig, "tables">, dataset: string): string {
  const table = tables[dataset] ?? dataset.slice(dataset.indexOf(".") + 1);
  if (Buffer.byteLength(table) <= longestName) return table;
  throw new ShoplakeError("config", `The name of ${dataset} is too long for a table of PostgreSQL.`, {
    where: dataset,
    allowed: `${longestName} bytes`,
    hint: `Give the table a shorter name in the sink: tables: { "${dataset}": "..." }`,
  });
}

/** Compiles only while the schema takes exactly what define.ts describes. */
export type Checked = Same<[Takes<typeof options, PostgresSinkSpec>]>;
