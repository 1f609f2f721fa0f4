/** Options of a files sink: what a config file may write, and what comes out complete. */
import { z } from "zod";
import { object } from "../../project/issues.ts";
import { type Same, select, type Takes, text } from "../../project/options.ts";
import type { FilesSinkSpec } from "./define.ts";

/** All options. */
export const options = object({
  directory: text(),
  format: z.enum(["csv", "parquet", "jsonl"]),
  select,
});

/** Complete options. */
export type FilesSinkConfig = z.output<typeof options>;

/** Name of the file that holds a dataset: "gold.fact_daily_sales.csv". */
export function fileOf({ format }: Pick<FilesSinkConfig, "format">, dataset: string): string {
  return `${dataset}.${format}`;
}

/** Compiles only while the schema takes exactly what define.ts describes. */
export type Checked = Same<[Takes<typeof options, FilesSinkSpec>]>;
