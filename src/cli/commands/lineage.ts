import { resolveDataset } from "../../app/dataset.ts";
import type { Catalogue, OpenProject } from "../../pipeline/index.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, say, writeJson, writeLines } from "../context.ts";
import { withProject } from "../open.ts";
import { named } from "../values.ts";

export const command: CommandSpec = {
  name: "lineage",
  description:
    "Show what a dataset or one of its columns is made of, down to the sources, and what is made of it. Columns are traced by the engine's own parser.",
  arguments: [
    {
      name: "<name>",
      description: "a dataset, or a column such as gold.fact_daily_sales.revenue",
      completes: "dataset",
    },
  ],
  examples: [
    ["shoplake lineage gold.fact_daily_sales", "the datasets it is made of"],
    ["shoplake lineage gold.fact_daily_sales.revenue", "the columns one column is made of"],
    ["shoplake lineage silver.orders --json", "as data"],
  ],
  async run(context, [given = ""]) {
    await withProject(
      context,
      async (project) => {
        const { dataset, column } = split(project.catalogue, given);
        if (column === undefined) await writeDataset(context, project.catalogue, dataset);
        else await writeColumn(context, project, { dataset, column });
      },
      { askSources: false },
    );
  },
};

/** "gold.sales.revenue" is a column when "gold.sales" is a dataset; a dataset alone may leave its layer out. */
function split(
  { datasets }: Catalogue,
  given: string,
): { readonly dataset: string; readonly column?: string } {
  const dot = given.lastIndexOf(".");
  const before = given.slice(0, dot);
  if (dot > 0 && datasets.has(before)) return { dataset: before, column: given.slice(dot + 1) };
  return { dataset: resolveDataset(datasets.keys(), given) };
}

async function writeDataset(context: CliContext, catalogue: Catalogue, dataset: string): Promise<void> {
  const { downstreamOf, renderLineage, upstreamOf } = await import("../../app/lineage.ts");
  const upstream = upstreamOf(catalogue, dataset);
  const downstream = downstreamOf(catalogue, dataset);
  if (context.flags.json) writeJson(context, { dataset, upstream: upstream.from, downstream });
  else {
    writeLines(context, renderLineage(upstream));
    writeLines(context, [
      "",
      downstream.length > 0 ? `read by ${downstream.join(", ")}` : "read by no other dataset",
    ]);
  }
}

async function writeColumn(
  context: CliContext,
  project: OpenProject,
  asked: { readonly dataset: string; readonly column: string },
): Promise<void> {
  const { columnLineage, renderLineage, rowLineage } = await import("../../app/lineage.ts");
  const { columns = [], model } = project.catalogue.datasets.get(asked.dataset) ?? {};
  named("column", asked.column, new Map(columns.map((each) => [each.name, each])));
  const tree = await columnLineage(project, asked.dataset, asked.column);
  const rows = model ? await rowLineage(project, model) : [];
  if (context.flags.json) writeJson(context, { column: tree.name, from: tree.from, rows });
  else {
    writeLines(context, renderLineage(tree));
    if (rows.length > 0) say(context, `which rows there are depends on ${rows.join(", ")}`);
  }
}
