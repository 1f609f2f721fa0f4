import { text as readText } from "node:stream/consumers";
import { formats } from "../../app/rows.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { CommandSpec } from "../command.ts";
import type { CliContext } from "../context.ts";
import { withHost } from "../open.ts";
import { assignment, textOption } from "../options/values.ts";
import { writeRows } from "../terminal/rows.ts";

/** Throws `usage` for statements that write or that name what is not published data. */
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
    const wanted = await wantedFormat(context, options);
    const { clock, signal } = context;
    await withHost(context, async (host) => {
      const { format, ...request } = await prepareQuery(host, { given, params, now: clock(), signal });
      await writeRows(context, host.engine, { ...request, format: wanted ?? format ?? "table" });
    });
  },
};

/** The format that the command line asks for; undefined leaves it to the statement. Throws `usage` for one that is not allowed. */
async function wantedFormat(context: CliContext, options: Readonly<Record<string, unknown>>) {
  const format = textOption(options, "format") ?? (context.flags.json ? "json" : undefined);
  if (format === undefined || format === "table" || Object.hasOwn(formats, format)) return format;
  const { formatRefusal } = await import("../../engine/guard/formats.ts");
  const refusal = formatRefusal(format);
  if (refusal === undefined) return format;
  const { message, allowed = "", hint } = refusal;
  throw new ShoplakeError("usage", message, {
    where: `--format ${format}`,
    allowed: `table, ${Object.keys(formats).join(", ")}, ${allowed}`,
    ...(hint === undefined ? {} : { hint }),
  });
}
