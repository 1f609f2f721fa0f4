import type { Version } from "../../app/history.ts";
import type { CommandSpec } from "../command.ts";
import { say, writeJson, writeLines } from "../context.ts";
import { withHost } from "../open.ts";
import { integer, numberOption } from "../options/values.ts";
import { count, styleFor } from "../terminal/style.ts";
import { renderTable } from "../terminal/table.ts";
import { localTime } from "../terminal/time.ts";

/** Needs no source: versions are read from lake, warehouse and `ops`. */
export const command: CommandSpec = {
  name: "history",
  description:
    "List the versions of a dataset, newest first: when, what was done, rows, and the run that did it.",
  arguments: [{ name: "<dataset>", description: "a dataset, such as silver.orders", completes: "dataset" }],
  options: [
    {
      flags: "-n, --limit <versions>",
      description: "versions to list",
      default: 20,
      parse: integer("--limit", 1),
    },
  ],
  examples: [
    ["shoplake history silver.orders", "the last twenty versions"],
    ["shoplake history gold.fact_daily_sales --json", "as data"],
  ],
  async run(context, [given = ""], options) {
    const [{ datasetNamed }, { versionsOf }] = await Promise.all([
      import("../../app/datasets.ts"),
      import("../../app/history.ts"),
    ]);
    await withHost(context, async (host) => {
      const dataset = await datasetNamed(host, given);
      const versions = await versionsOf(host, dataset, numberOption(options, "limit") ?? 20);
      if (context.flags.json) writeJson(context, versions);
      else if (versions.length === 0)
        say(context, `${dataset} has never been published; shoplake run +${dataset}`);
      else {
        const style = styleFor(context.flags.color && context.stdout.isTTY === true);
        const rows = versions.map((row) => rowOf(row, host.config.timezone));
        writeLines(context, renderTable(columns, rows, { heading: style.dim }));
      }
    });
  },
};

const columns = [
  { title: "version", align: "right" },
  { title: "time" },
  { title: "operation" },
  { title: "read", align: "right" },
  { title: "published", align: "right" },
  { title: "rejected", align: "right" },
  { title: "deduplicated", align: "right" },
  { title: "run" },
] as const;

function rowOf({ version, time, operation, counts, runId }: Version, timezone: string): string[] {
  const numbers = counts
    ? [counts.read, counts.published, counts.rejected, counts.deduplicated].map(count)
    : ["", "", "", ""];
  return [String(version), localTime(time, timezone), operation, ...numbers, runId ?? ""];
}
