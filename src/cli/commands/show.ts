import { type PublishedDataset, publishedDataset } from "../../app/dataset.ts";
import type { OpenedHost } from "../../host/host.ts";
import type { DatasetScore } from "../../quality/score.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, writeJson, writeLines } from "../context.ts";
import { withHost } from "../open.ts";
import { writeRows } from "../terminal/rows.ts";
import { counted, styleFor } from "../terminal/style.ts";
import { renderTable } from "../terminal/table.ts";
import { integer, numberOption } from "../values.ts";

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
    const limit = numberOption(options, "limit") ?? 10;
    await withHost(context, async (host) => {
      const version = numberOption(options, "version");
      const shown = await publishedDataset(host, given, version);
      const { engine } = host;
      const [total] = await engine.rows<{ rows: string }>(
        `SELECT toString(count()) AS rows FROM ${shown.from}`,
      );
      const rows = Number(total?.rows ?? 0);
      const score = version === undefined ? await scoreOfShown(host, shown, rows) : undefined;
      const sql = `SELECT * FROM ${shown.from} LIMIT ${limit}`;
      if (context.flags.json) {
        writeJson(context, {
          ...documentOf(shown),
          rows,
          score: score ?? null,
          sample: await engine.rows(sql),
        });
        return;
      }
      const { scoreText } = await import("../../app/score.ts");
      const measured = score !== undefined && score.measured > 0 ? [`score ${scoreText(score)}`] : [];
      writeHead(context, shown, [counted(rows, "row"), ...measured]);
      if (limit > 0)
        await writeRows(context, engine, { sql, options: { signal: context.signal }, format: "table" });
    });
  },
};

function documentOf({ dataset, version, id, columns, model }: PublishedDataset) {
  const specs = new Map(model?.columns.map((spec) => [spec.name, spec.description]));
  return {
    dataset,
    version,
    id,
    description: model?.description ?? "",
    key: model?.key ?? [],
    columns: columns.map((column) => ({ ...column, description: specs.get(column.name) ?? "" })),
  };
}

async function scoreOfShown(
  host: OpenedHost,
  { model }: PublishedDataset,
  rows: number,
): Promise<DatasetScore | undefined> {
  const { lastScore } = await import("../../app/score.ts");
  return model && lastScore(host, model, rows);
}

function writeHead(context: CliContext, shown: PublishedDataset, more: readonly string[]): void {
  const { description, key, columns } = documentOf(shown);
  const style = styleFor(context.flags.color && context.stdout.isTTY === true);
  const width = context.stdout.isTTY ? context.stdout.columns : undefined;
  const facts = [`version ${shown.version}`, ...more, ...(key.length > 0 ? [`key ${key.join(", ")}`] : [])];
  writeLines(context, [
    `${style.bold(shown.dataset)}  ${facts.join(" · ")}`,
    ...(description === "" ? [] : [description]),
    "",
    ...renderTable(
      [{ title: "column" }, { title: "type" }, { title: "description" }],
      columns.map((column) => [column.name, column.type, column.description]),
      { columns: width, heading: style.dim },
    ),
    "",
  ]);
}
