import { datasetNames, resolveDataset } from "../../app/dataset.ts";
import type { Workspace } from "../../pipeline/context.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, say, writeJson, writeLines } from "../context.ts";
import { withWorkspace } from "../open.ts";
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
    await withWorkspace(context, async (workspace) => {
      const { dataset, column } = split(workspace, given);
      if (column === undefined) await writeDataset(context, workspace, dataset);
      else await writeColumn(context, workspace, { dataset, column });
    });
  },
};

/** "gold.sales.revenue" is a column when "gold.sales" is a dataset; a dataset alone may leave its layer out. */
function split(workspace: Workspace, given: string): { readonly dataset: string; readonly column?: string } {
  const dot = given.lastIndexOf(".");
  const before = given.slice(0, dot);
  if (dot > 0 && datasetNames(workspace).includes(before))
    return { dataset: before, column: given.slice(dot + 1) };
  return { dataset: resolveDataset(workspace, given) };
}

async function writeDataset(context: CliContext, workspace: Workspace, dataset: string): Promise<void> {
  const { downstreamOf, renderLineage, upstreamOf } = await import("../../app/lineage.ts");
  const upstream = upstreamOf(workspace, dataset);
  const downstream = downstreamOf(workspace, dataset);
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
  workspace: Workspace,
  asked: { readonly dataset: string; readonly column: string },
): Promise<void> {
  const { columnLineage, columnsOf, renderLineage, rowLineage } = await import("../../app/lineage.ts");
  const columns = await columnsOf(workspace, asked.dataset);
  named("column", asked.column, new Map(columns.map((each) => [each.name, each])));
  const tree = await columnLineage(workspace, asked.dataset, asked.column);
  const model = workspace.project.models.find((candidate) => candidate.dataset === asked.dataset);
  const rows = model ? await rowLineage(workspace, model) : [];
  if (context.flags.json) writeJson(context, { column: tree.name, from: tree.from, rows });
  else {
    writeLines(context, renderLineage(tree));
    if (rows.length > 0) say(context, `which rows there are depends on ${rows.join(", ")}`);
  }
}
