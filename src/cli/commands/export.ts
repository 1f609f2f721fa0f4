import { resolve } from "node:path";
import type { CommandSpec } from "../command.ts";
import { say, writeJson } from "../context.ts";
import { withHost } from "../open.ts";
import { integer, numberOption } from "../options/values.ts";

/** Throws `usage` for an ending that names no format, before anything is opened. */
export const command: CommandSpec = {
  name: "export",
  description:
    "Write one version of a dataset to a file. The ending chooses the format: .csv, .tsv, .jsonl, .parquet, also with .gz. The file appears whole or not at all.",
  arguments: [
    { name: "<dataset>", description: "a dataset, such as gold.fact_daily_sales", completes: "dataset" },
    { name: "<file>", description: "the file to write; replaced when it exists", completes: "file" },
  ],
  options: [
    {
      flags: "--version <number>",
      description: "an older version of a bronze or silver dataset",
      parse: integer("--version"),
    },
  ],
  examples: [
    ["shoplake export gold.fact_daily_sales sales.parquet", "the published version as Parquet"],
    ["shoplake export silver.orders orders.csv.gz --version 3", "an older version, compressed"],
  ],
  async run(context, [dataset = "", name = ""], options) {
    const { exportDataset, formatOf } = await import("../../app/export.ts");
    formatOf(name);
    const { cwd, signal } = context;
    const request = { dataset, version: numberOption(options, "version"), file: resolve(cwd, name), signal };
    const exported = await withHost(context, (host) => exportDataset(host, request));
    if (context.flags.json) writeJson(context, exported);
    else say(context, `wrote version ${exported.version} of ${exported.dataset} to ${name}`);
  },
};
