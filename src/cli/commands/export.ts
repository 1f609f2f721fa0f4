import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { publishedDataset } from "../../app/dataset.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { CommandSpec } from "../command.ts";
import { say, writeJson } from "../context.ts";
import { withHost } from "../open.ts";
import { integer, numberOption } from "../values.ts";

/** ClickHouse formats by the ending of the file. */
const endings: Readonly<Record<string, string>> = {
  csv: "CSVWithNames",
  tsv: "TSVWithNames",
  jsonl: "JSONEachRow",
  ndjson: "JSONEachRow",
  parquet: "Parquet",
};

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
  async run(context, [given = "", name = ""], options) {
    const format = formatOf(name);
    const file = resolve(context.cwd, name);
    await withHost(context, async (host) => {
      const { dataset, version, from } = await publishedDataset(
        host,
        given,
        numberOption(options, "version"),
      );
      const temporary = `${file}.${host.newId()}.tmp`;
      try {
        const { signal } = context;
        const settings = { output_format_decimal_trailing_zeros: 1 };
        const rows = await host.engine.download(`SELECT * FROM ${from}`, format, { signal, settings });
        const target = createWriteStream(temporary);
        await (file.endsWith(".gz")
          ? pipeline(rows, createGzip(), target, { signal })
          : pipeline(rows, target, { signal }));
        await rename(temporary, file);
      } finally {
        await rm(temporary, { force: true });
      }
      if (context.flags.json) writeJson(context, { dataset, version, file, format });
      else say(context, `wrote version ${version} of ${dataset} to ${name}`);
    });
  },
};

function formatOf(file: string): string {
  const ending = /\.(\w+?)(\.gz)?$/.exec(file.toLowerCase())?.[1];
  const format = ending === undefined ? undefined : endings[ending];
  if (format !== undefined) return format;
  throw new ShoplakeError("usage", `the ending of ${file} names no format`, {
    allowed: `${Object.keys(endings)
      .map((each) => `.${each}`)
      .join(", ")}, each also with .gz`,
  });
}
