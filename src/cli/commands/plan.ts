import type { PlannedTask } from "../../pipeline/index.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, say, writeJson, writeLines } from "../context.ts";
import { withProject } from "../open.ts";
import { planOptionSpecs, planOptions, selectArgument } from "../options/plan-options.ts";
import { counted, styleFor } from "../terminal/style.ts";
import { renderTable } from "../terminal/table.ts";

/** Takes the same options as `run`, and writes nothing, so that it needs no lease. */
export const command: CommandSpec = {
  name: "plan",
  description: "Show what a run would do and why, without doing it. Sources are not read.",
  arguments: [selectArgument],
  options: planOptionSpecs,
  examples: [
    ["shoplake plan", "every task and its reason"],
    ["shoplake plan +gold.fact_daily_sales", "one dataset with all it depends on"],
    ["shoplake plan --json", "the plan as data"],
  ],
  async run(context, select, options) {
    const asked = planOptions(select, options);
    const { planOf } = await import("../../app/plan.ts");
    const plan = await withProject(context, (project) => planOf(project, asked, context.signal));
    if (context.flags.json) writeJson(context, plan);
    else writePlan(context, plan.tasks);
  },
};

function writePlan(context: CliContext, tasks: readonly PlannedTask[]): void {
  const style = styleFor(context.flags.color && context.stdout.isTTY === true);
  const columns = context.stdout.isTTY ? context.stdout.columns : undefined;
  const rows = tasks.map((task) => [task.dataset, task.action, task.reason]);
  writeLines(
    context,
    renderTable([{ title: "dataset" }, { title: "action" }, { title: "reason" }], rows, {
      columns,
      heading: style.dim,
    }),
  );
  const idle = tasks.filter((task) => task.action === "none").length;
  say(context, `${counted(tasks.length, "task")}, ${idle} with nothing to do`);
}
