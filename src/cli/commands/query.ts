import { text as readText } from "node:stream/consumers";
import type { OpenedHost } from "../../host/host.ts";
import { projectError } from "../../project/load.ts";
import { queryDefaults } from "../../project/parameters.ts";
import type { NamedQuery } from "../../project/project.ts";
import { messageOf, ShoplakeError } from "../../util/errors.ts";
import { nearest } from "../../util/nearest.ts";
import type { CommandSpec } from "../command.ts";
import type { CliContext } from "../context.ts";
import { withHost } from "../open.ts";
import { formats, writeRows } from "../terminal/rows.ts";
import { assignment, named, textOption } from "../values.ts";

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
  async run(context, [given = ""], options) {
    const sql = given === "-" ? await readText(context.stdin) : given;
    const params = (options["param"] ?? {}) as Readonly<Record<string, string>>;
    const wanted = await wantedFormat(context, options);
    await withHost(context, async (host) => {
      const { engine } = host;
      const statement = resolveQuery(host, sql.replace(/[\s;]+$/, ""), params, context.clock());
      const { readOnlyStatement } = await import("../../engine/guard/readonly.ts");
      const { sql: text, params: values } = statement;
      const checked = await readOnlyStatement(engine, text, { params: values }).catch((error: unknown) => {
        throw unfitValue(error, values) ?? error;
      });
      await writeRows(context, engine, {
        sql: checked.sql,
        options: { params: values, settings: checked.settings, signal: context.signal },
        format: wanted ?? checked.format ?? "table",
      });
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

/** For what the engine says of a value that its parameter's type cannot hold; undefined for other errors. */
function unfitValue(error: unknown, params: Statement["params"]): ShoplakeError | undefined {
  const [, type, name = ""] = /parsed as (.+) for query parameter '(\w+)'/.exec(messageOf(error)) ?? [];
  if (type === undefined) return undefined;
  return new ShoplakeError("usage", `the parameter ${name} is "${params[name]}"`, {
    allowed: `a value of the type ${type}`,
    cause: error,
  });
}

interface Statement {
  readonly sql: string;
  readonly params: Readonly<Record<string, string>>;
}

/** A name has no blank; everything else is SQL. */
function resolveQuery(host: OpenedHost, given: string, params: Statement["params"], now: Date): Statement {
  if (/[\s(]/.test(given.trim())) return { sql: given, params };
  const { project, problems } = host.files();
  const known = new Map(project?.queries.map((query) => [query.name, query]));
  const name = given.trim();
  const own = problems.filter(({ file }) => file === `queries/${name}.sql`);
  if (own.length > 0) throw projectError(own);
  const query = named("query", name, known);
  return { sql: query.sql, params: parameterValues(query, params, queryDefaults(query, host.config, now)) };
}

/** Given values over defaults. Unknown and missing ones are reported together. */
function parameterValues(
  query: NamedQuery,
  given: Statement["params"],
  defaults: Readonly<Record<string, string | undefined>>,
): Statement["params"] {
  const known = Object.keys(query.parameters);
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  const missing = known.filter((name) => given[name] === undefined && defaults[name] === undefined);
  const problems = [
    ...unknown.map((name) => {
      const close = nearest(name, known);
      const message = `the query has no parameter "${name}"`;
      return close === undefined ? { message } : { message, hint: `did you mean ${close}?` };
    }),
    ...missing.map((name) => ({
      message: `the parameter ${name} has no value`,
      hint: `add --param ${name}=<${query.parameters[name]?.type}>`,
    })),
  ];
  if (problems.length > 0)
    throw new ShoplakeError("usage", `parameters of the query ${query.name} are wrong`, {
      where: query.file,
      allowed: known.map((name) => `${name} (${query.parameters[name]?.type})`).join(", ") || "no parameters",
      problems,
    });
  return Object.fromEntries(known.map((name) => [name, given[name] ?? defaults[name] ?? ""]));
}
