import { text as readText } from "node:stream/consumers";
import type { CommandSpec } from "../command.ts";
import { withHost } from "../open.ts";
import { assignment, textOption } from "../options/values.ts";
import { writeRows } from "../terminal/rows.ts";

export const command: CommandSpec = {
  name: "query",
  description: "Run one SELECT, or a query of the folder queries/ by its name. Reads published data only.",
  arguments: [
    { name: "<sql>", description: "SQL, the name of a query such as kpi/revenue, or - for SQL on stdin" },
  ],
  options: [
    {
      flags: "--param <name=value>",
      description:
        "value of a parameter {name:Type}; repeatable. A named query knows today, timezone and currency of the project",
      parse: assignment("--param"),
    },
    {
      flags: "-f, --format <format>",
      description:
        "table, json, ndjson, csv, tsv, markdown, vertical, parquet, or a ClickHouse format (default: table, with --json json)",
    },
  ],
  examples: [
    ['shoplake query "SELECT count() FROM silver.orders"', "a table"],
    ["shoplake query kpi/revenue --param month=2026-01 --json", "a named query as JSON"],
    ["shoplake query kpi/revenue --format csv > revenue.csv", "all rows as CSV"],
  ],
  async run(context, [argument = ""], options) {
    const { prepareQuery } = await import("../../app/query.ts");
    const given = argument === "-" ? await readText(context.stdin) : argument;
    const params = (options["param"] ?? {}) as Readonly<Record<string, string>>;
    const format = textOption(options, "format") ?? (context.flags.json ? "json" : "table");
    const { clock, signal } = context;
    await withHost(context, async (host) => {
      const request = await prepareQuery(host, { given, params, now: clock(), signal });
      await writeRows(context, host.engine, { ...request, format });
    });
  },
};
