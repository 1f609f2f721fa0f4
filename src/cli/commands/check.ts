import type { Checked } from "../../app/checks.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, say, writeJson, writeLines } from "../context.ts";
import { withProject } from "../open.ts";
import { selectArgument } from "../options/plan-options.ts";
import { exitCodes } from "../terminal/failure.ts";
import { renderScores } from "../terminal/scores.ts";
import { counted, styleFor } from "../terminal/style.ts";
import { renderCheck } from "../terminal/summary.ts";

/** Writes nothing. Exit 1 when a check of severity `error` does not pass. */
export const command: CommandSpec = {
  name: "check",
  description:
    "Run the checks of datasets on what is published now. A run does the same before it publishes; this is for looking again, for example at freshness. It ends with the score of each dataset: by dimension, from 0 to 100 %, and how many of the six dimensions its checks measure.",
  arguments: [selectArgument],
  examples: [
    ["shoplake check", "all checks of all datasets"],
    ["shoplake check silver.orders", "of one dataset"],
    ["shoplake check gold --json", "{ results, scores } as data, with the queries that find the bad rows"],
  ],
  async run(context, select) {
    const { checkPublished } = await import("../../app/checks.ts");
    const checked = await withProject(context, (project) => checkPublished(project, select, context.signal), {
      askSources: false,
    });
    const { results, scores, unpublished, failed } = checked;
    for (const dataset of unpublished) say(context, `${dataset} has never been published: not checked`);
    if (context.flags.json) writeJson(context, { results, scores });
    else writeChecked(context, checked);
    return failed ? exitCodes.failed : exitCodes.good;
  },
};

function writeChecked(context: CliContext, { results, scores }: Checked): void {
  const color = context.flags.color && context.stdout.isTTY === true;
  const style = styleFor(color);
  const columns = context.stdout.isTTY ? context.stdout.columns : undefined;
  const lines = results.flatMap((result) =>
    result.success
      ? [`  ${style.green("✔ pass")}  ${result.dataset}  ${result.name}`]
      : renderCheck(result, { columns, color, style }),
  );
  writeLines(context, lines);
  if (scores.length > 0) writeLines(context, ["", ...renderScores(scores, { columns, style })]);
  const bad = results.filter((result) => !result.success).length;
  say(context, `${counted(results.length, "check")}, ${bad === 0 ? "all passed" : `${bad} did not pass`}`);
}
