import type { ColumnDocument, DatasetDocument } from "../../app/datasets.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, writeJson, writeLines } from "../context.ts";
import { withHost } from "../open.ts";
import { integer, numberOption } from "../options/values.ts";
import { writeRows } from "../terminal/rows.ts";
import { scoreText } from "../terminal/scores.ts";
import { counted, styleFor } from "../terminal/style.ts";
import { renderTable } from "../terminal/table.ts";

/** Needs no source: shows what is published. */
export const command: CommandSpec = {
  name: "show",
  description:
    "Show a dataset: description, version, score by the last run's checks, columns and its first rows.",
  arguments: [
    {
      name: "<dataset>",
      description: "a dataset, such as silver.orders; the layer may be left out",
      completes: "dataset",
    },
  ],
  options: [
    { flags: "-n, --limit <rows>", description: "rows to show", default: 10, parse: integer("--limit") },
    {
      flags: "--version <number>",
      description: "an older version of a bronze or silver dataset",
      parse: integer("--version"),
    },
  ],
  examples: [
    ["shoplake show silver.orders", "columns and ten rows"],
    ["shoplake show silver.orders --version 3 --limit 100", "as it was at version 3"],
    ["shoplake show gold.fact_daily_sales --json", "columns and rows as one document"],
  ],
  async run(context, [given = ""], options) {
    const { describeDataset, publishedDataset, sampleOf } = await import("../../app/datasets.ts");
    const limit = numberOption(options, "limit") ?? 10;
    const version = numberOption(options, "version");
    const { signal } = context;
    await withHost(context, async (host) => {
      const published = await publishedDataset(host, given, version);
      const document = await describeDataset(host, published, { isNewest: version === undefined, signal });
      const sql = sampleOf(published, limit);
      if (context.flags.json) {
        writeJson(context, { ...document, sample: await host.engine.rows(sql, { signal }) });
        return;
      }
      writeHead(context, document);
      if (limit > 0) await writeRows(context, host.engine, { sql, options: { signal }, format: "table" });
    });
  },
};

function described({ description, received }: ColumnDocument): string {
  return received === undefined ? description : `received as ${JSON.stringify(received)}`;
}

function writeHead(context: CliContext, document: DatasetDocument): void {
  const { dataset, version, description, key, columns, rows, score } = document;
  const style = styleFor(context.flags.color && context.stdout.isTTY === true);
  const width = context.stdout.isTTY ? context.stdout.columns : undefined;
  const facts = [
    `version ${version}`,
    counted(rows, "row"),
    ...(score !== null && score.measured > 0 ? [`score ${scoreText(score)}`] : []),
    ...(key.length > 0 ? [`key ${key.join(", ")}`] : []),
  ];
  writeLines(context, [
    `${style.bold(dataset)}  ${facts.join(" · ")}`,
    ...(description === "" ? [] : [description]),
    "",
    ...renderTable(
      [{ title: "column" }, { title: "type" }, { title: "description" }],
      columns.map((column) => [column.name, column.type, described(column)]),
      { columns: width, heading: style.dim },
    ),
    "",
  ]);
}
