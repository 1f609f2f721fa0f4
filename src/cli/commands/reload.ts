import { reloadOptions } from "../../app/reload.ts";
import type { CommandSpec } from "../command.ts";
import { withProject } from "../open.ts";

/** `shoplake reload` */
export const command: CommandSpec = {
  name: "reload",
  description:
    "Read tables of sources again from the start, or deliver all rows of a dataset anew. What is published stays until the new rows take its place. Of PostgreSQL the table as it is now replaces bronze, with new types and without rows that are gone; files are read once more, each in the place of its old rows, and rows of files that are not there any more stay.",
  arguments: [
    {
      name: "<dataset...>",
      description: "bronze.shop_orders, or a delivery: reporting:gold.sales",
      completes: "dataset",
    },
  ],
  options: [],
  examples: [
    ["shoplake reload bronze.shop_orders", "after a correction or a change of types at the source"],
    ["shoplake reload reporting:gold.dim_customers", "after somebody changed rows at the target"],
  ],
  async run(context, given) {
    const { runAndReport } = await import("../run-and-report.ts");
    return withProject(context, async (project) => {
      const options = reloadOptions(project.catalogue, given);
      return (await runAndReport(context, project, options)).exitCode;
    });
  },
};
