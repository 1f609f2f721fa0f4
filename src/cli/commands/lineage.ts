import type { CommandSpec } from "../command.ts";
import { say, writeJson, writeLines } from "../context.ts";
import { lookingOnly, withProject } from "../open.ts";
import { renderLineage } from "../terminal/lineage.ts";

/** Works from the files; asks no source. */
export const command: CommandSpec = {
  name: "lineage",
  description:
    "Show what a dataset or one of its columns is made of, down to the sources, and what reads it: datasets, sinks, queries, checks. Columns are traced by the engine's own parser.",
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
    const { lineageNamed } = await import("../../app/lineage.ts");
    const lineage = await withProject(context, (project) => lineageNamed(project, given), lookingOnly);
    const { tree } = lineage;
    if (lineage.kind === "dataset") {
      const { downstream } = lineage;
      if (context.flags.json) writeJson(context, { dataset: tree.name, upstream: tree.from, downstream });
      else
        writeLines(context, [
          ...renderLineage(tree),
          "",
          downstream.length > 0 ? `read by ${downstream.join(", ")}` : "read by nothing else",
        ]);
      return;
    }
    const { rows } = lineage;
    if (context.flags.json) writeJson(context, { column: tree.name, from: tree.from, rows });
    else {
      writeLines(context, renderLineage(tree));
      if (rows.length > 0) say(context, `which rows there are depends on ${rows.join(", ")}`);
    }
  },
};
