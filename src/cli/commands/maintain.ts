import { type Maintained, maintain, maintainSteps } from "../../app/maintain.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, say, writeJson, writeLines } from "../context.ts";
import { withHost } from "../open.ts";
import { integer, numberOption, textOption } from "../options/values.ts";
import { exitCodes, renderFailure } from "../terminal/failure.ts";
import { bytes, counted, styleFor } from "../terminal/style.ts";
import { renderTable } from "../terminal/table.ts";

/** Exit 1 when a dataset could not be maintained; the others are maintained all the same. */
export const command: CommandSpec = {
  name: "maintain",
  description:
    "Keep the lake small and quick: join small files, write checkpoints, delete files that no kept version needs. Safe while runs and queries go on.",
  arguments: [
    { name: "[dataset...]", description: "bronze or silver datasets (default: all)", completes: "dataset" },
  ],
  options: [
    { flags: "--only <step>", description: "do one step only", choices: maintainSteps },
    {
      flags: "--retention <hours>",
      description: "vacuum deletes files that were removed longer ago (default: the table's own, a week)",
      parse: integer("--retention"),
    },
    { flags: "--dry-run", description: "vacuum only tells what it would delete" },
  ],
  examples: [
    ["shoplake maintain", "all steps on the whole lake"],
    ["shoplake maintain --only vacuum --dry-run", "what vacuum would delete"],
    ["shoplake maintain bronze.shop_orders --only compact", "join the small files of one dataset"],
  ],
  async run(context, given, options) {
    const only = maintainSteps.find((step) => step === textOption(options, "only"));
    const retentionHours = numberOption(options, "retention");
    const dryRun = options["dryRun"] === true;
    const request = {
      datasets: given,
      dryRun,
      ...(only === undefined ? {} : { only }),
      ...(retentionHours === undefined ? {} : { retentionHours }),
    };
    return withHost(context, async (host) => {
      const { signal } = context;
      const done = await maintain(host, request, { signal, warn: (message) => say(context, message) });
      if (context.flags.json) writeJson(context, done);
      else show(context, done);
      if (dryRun && !context.flags.json) say(context, "nothing was deleted (--dry-run)");
      return done.some(({ error }) => error !== undefined) ? exitCodes.failed : exitCodes.good;
    });
  },
};

const columns = [
  { title: "dataset" },
  { title: "files", align: "right" },
  { title: "deleted", align: "right" },
  { title: "freed", align: "right" },
] as const;

/** What was done as a table on stdout, what failed on stderr. */
function show(context: CliContext, done: readonly Maintained[]): void {
  const style = styleFor(context.flags.color && context.stdout.isTTY === true);
  const rows = done
    .filter(({ error }) => error === undefined)
    .map((row) => [
      row.dataset,
      `${row.filesBefore} -> ${row.filesAfter}`,
      counted(row.deletedFiles, "file"),
      bytes(row.freedBytes),
    ]);
  writeLines(context, renderTable(columns, rows, { heading: style.dim }));
  for (const { error } of done)
    if (error) context.stderr.write(`${renderFailure(error, context.flags.color).join("\n")}\n`);
}
