/** Options of a files sink: what a config file may write, and what comes out complete. */
import { z } from "zod";
import { object } from "../../project/issues.ts";
import { select, text } from "../../project/options.ts";

/** All options. */
export const options = object({
  /** Folder for the files, relative to the project or absolute; made when it is missing. */
  directory: text(),
  /** Format of the files, and the end of their names. */
  format: z.enum(["csv", "parquet", "jsonl"]),
  /** Selector of the datasets to write. Default "gold". */
  select,
});

/** What `files()` takes for a sink. */
export type FilesSinkSpec = z.input<typeof options>;
/** Complete options. */
export type FilesSinkConfig = z.output<typeof options>;

/** Name of the file that holds a dataset: "gold.fact_daily_sales.csv". */
export function fileOf({ format }: Pick<FilesSinkConfig, "format">, dataset: string): string {
  return `${dataset}.${format}`;
}
