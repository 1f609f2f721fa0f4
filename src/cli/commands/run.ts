import type { CommandSpec } from "../command.ts";
import { withProject } from "../open.ts";
import { planOptionSpecs, planOptions, selectArgument } from "../options/plan-options.ts";

/** Exit 1 when a task has failed, 130 when the user stopped it. */
export const command: CommandSpec = {
  name: "run",
  description:
    "Bring datasets up to date: read the sources, build what changed, check it, publish it. What is up to date is left alone. With --json every event is one line, the last one is the report.",
  arguments: [selectArgument],
  options: planOptionSpecs,
  examples: [
    ["shoplake run", "everything that has something to do"],
    ["shoplake run bronze", "only read the sources"],
    ["shoplake run +gold.fact_daily_sales", "one dataset with all it depends on"],
    ["shoplake run silver.orders --full-refresh", "rebuild one dataset from all its input"],
    ["shoplake run --interval-start 2026-01-01 --interval-end 2026-02-01", "rebuild January"],
  ],
  async run(context, select, options) {
    const asked = planOptions(select, options);
    const { runAndReport } = await import("../run-and-report.ts");
    return withProject(context, async (project) => (await runAndReport(context, project, asked)).exitCode);
  },
};
