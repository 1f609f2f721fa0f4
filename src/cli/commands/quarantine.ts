import { layerOf } from "../../api/datasets.ts";
import { resolveDataset } from "../../app/dataset.ts";
import { inventoryOf } from "../../app/inventory.ts";
import type { OpenedHost } from "../../host/host.ts";
import type { Host } from "../../pipeline/index.ts";
import type {
  Quarantine,
  QuarantineCount,
  QuarantineFilter,
  QuarantineRow,
} from "../../quality/quarantine.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { CommandSpec, Options } from "../command.ts";
import { type CliContext, say, writeJson, writeLines } from "../context.ts";
import { withHost, withProject } from "../open.ts";
import { runAndReport } from "../run-and-report.ts";
import { count, counted, styleFor } from "../terminal/style.ts";
import { renderTable } from "../terminal/table.ts";
import { integer, numberOption, textOption } from "../values.ts";

const idArgument = { name: "<id>", description: "id of a rejected row, or its beginning" };
const ruleOption = { flags: "--rule <name>", description: "only rows that this rule rejected" };

export const command: CommandSpec = {
  name: "quarantine",
  description: "Look at rejected rows, replay them after a fix, discard what is not worth one.",
  examples: [["shoplake quarantine list", "what was rejected, and why"]],
  subcommands: [
    {
      name: "list",
      description: "Count rejected rows by dataset and rule; with a dataset, list the rows.",
      arguments: [{ name: "[dataset]", description: "list the rows of this dataset", completes: "dataset" }],
      options: [
        ruleOption,
        {
          flags: "--status <status>",
          description: "which rows",
          choices: ["open", "replayed", "discarded", "all"],
          default: "open",
        },
        {
          flags: "-n, --limit <rows>",
          description: "rows to list",
          default: 20,
          parse: integer("--limit", 1),
        },
      ],
      examples: [
        ["shoplake quarantine list", "numbers by dataset and rule"],
        ["shoplake quarantine list silver.orders --rule negative_total", "the rows"],
      ],
      run: list,
    },
    {
      name: "show",
      description: "Show one rejected row: reason, source, the row as it was received.",
      arguments: [idArgument],
      examples: [["shoplake quarantine show 3f2a", "everything known of the row"]],
      run: show,
    },
    {
      name: "replay",
      description:
        "Build a dataset again from its input after the model, a rule or the source's options were fixed. Of a bronze dataset the files with rejects are read again. Rows that are good now are published and leave the quarantine.",
      arguments: [{ name: "<dataset>", description: "any dataset", completes: "dataset" }],
      examples: [
        ["shoplake quarantine replay silver.orders", "after the rule was fixed"],
        ["shoplake quarantine replay bronze.feed_orders", "after the encoding in the config was fixed"],
      ],
      run: replay,
    },
    {
      name: "discard",
      description: "Mark rejected rows as not worth fixing. They stay visible with --status discarded.",
      arguments: [{ name: "<what>", description: "id of a row, or a dataset", completes: "dataset" }],
      options: [ruleOption],
      examples: [
        ["shoplake quarantine discard 3f2a", "one row"],
        ["shoplake quarantine discard silver.orders --rule negative_total", "all rows of a rule"],
      ],
      run: discard,
    },
  ],
};

async function list(context: CliContext, [given]: readonly string[], options: Options): Promise<void> {
  await withHost(context, async (host) => {
    const filter = await filterOf(host, given, options);
    const quarantine = await quarantineOf(host);
    if (given === undefined) writeCounts(context, await quarantine.counts(filter));
    else
      writeRejects(
        context,
        await quarantine.list({ ...filter, limit: numberOption(options, "limit") ?? 20 }),
      );
  });
}

async function quarantineOf(host: Host): Promise<Quarantine> {
  const { openQuarantine } = await import("../../quality/quarantine.ts");
  return openQuarantine(host.engine, host.clock);
}

async function filterOf(
  host: OpenedHost,
  given: string | undefined,
  options: Options,
): Promise<QuarantineFilter> {
  const rule = textOption(options, "rule");
  const status = textOption(options, "status") ?? "all";
  return {
    ...(given === undefined ? {} : { dataset: resolveDataset((await inventoryOf(host)).keys(), given) }),
    ...(rule === undefined ? {} : { rule }),
    ...(status === "open" || status === "replayed" || status === "discarded" ? { status } : {}),
  };
}

function writeCounts(context: CliContext, counts: readonly QuarantineCount[]): void {
  if (context.flags.json) writeJson(context, counts);
  else if (counts.length === 0) say(context, "the quarantine is empty");
  else {
    const style = styleFor(context.flags.color && context.stdout.isTTY === true);
    const columns = [
      { title: "dataset" },
      { title: "rule" },
      { title: "status" },
      { title: "rows", align: "right" as const },
      { title: "oldest (UTC)" },
    ];
    const rows = counts.map((row) => [
      row.dataset,
      row.rule,
      row.status,
      count(row.rejects),
      row.oldest.slice(0, 19),
    ]);
    writeLines(context, renderTable(columns, rows, { heading: style.dim }));
    say(context, `look at the rows: shoplake quarantine list ${counts[0]?.dataset}`);
  }
}

const idLength = 12;

function writeRejects(context: CliContext, rejects: readonly QuarantineRow[]): void {
  if (context.flags.json) writeJson(context, rejects);
  else if (rejects.length === 0) say(context, "nothing is in quarantine for that");
  else {
    const style = styleFor(context.flags.color && context.stdout.isTTY === true);
    const columns = ["id", "rule", "source", "reason"].map((title) => ({ title }));
    const rows = rejects.map((row) => [row.id.slice(0, idLength), row.rule, row.source_ref, row.reason]);
    const width = context.stdout.isTTY ? context.stdout.columns : undefined;
    writeLines(context, renderTable(columns, rows, { columns: width, heading: style.dim }));
    say(context, `look at one: shoplake quarantine show ${rejects[0]?.id.slice(0, idLength)}`);
  }
}

async function show(context: CliContext, [id = ""]: readonly string[]): Promise<void> {
  await withHost(context, async (host) => {
    const row = await oneReject(host, id);
    if (context.flags.json) {
      writeJson(context, row);
      return;
    }
    const { raw, raw_encoding, ...facts } = row;
    writeLines(
      context,
      renderTable(
        [{ title: "field" }, { title: "value" }],
        Object.entries(facts).map(([name, value]) => [name, String(value)]),
      ),
    );
    writeLines(context, ["", `as received${raw_encoding === "base64" ? " (base64)" : ""}:`, raw]);
  });
}

async function oneReject(host: OpenedHost, id: string): Promise<QuarantineRow> {
  const found = await (await quarantineOf(host)).show(id);
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  throw new ShoplakeError(
    "usage",
    first === undefined
      ? `no rejected row has the id ${id}`
      : `${count(found.length)} rejected rows have an id that begins with ${id}`,
    {
      hint: first === undefined ? "shoplake quarantine list <dataset> shows the ids" : "give more of the id",
    },
  );
}

async function replay(context: CliContext, [given = ""]: readonly string[]): Promise<number> {
  return withProject(context, async (project) => {
    const { host, catalogue } = project;
    const dataset = resolveDataset(catalogue.datasets.keys(), given);
    const quarantine = await quarantineOf(host);
    const open = async () =>
      (await quarantine.counts({ dataset, status: "open" })).reduce((sum, row) => sum + row.rejects, 0);
    const before = await open();
    const anew =
      layerOf(dataset) === "bronze" ? { again: await quarantine.openPlaces(dataset) } : { fullRefresh: true };
    const { report, exitCode } = await runAndReport(context, project, { select: [dataset], ...anew });
    const version = report.tasks.find((task) => task.dataset === dataset)?.version;
    if (exitCode === 0 && version !== undefined) await quarantine.closeReplayed(dataset, version);
    const after = await open();
    say(
      context,
      `${counted(Math.max(0, before - after), "row")} left the quarantine, ${count(after)} still rejected`,
    );
    return exitCode;
  });
}

async function discard(
  context: CliContext,
  [given = ""]: readonly string[],
  options: Options,
): Promise<void> {
  await withHost(context, async (host) => {
    const quarantine = await quarantineOf(host);
    const isId = /^[0-9a-f]{4,32}$/.test(given);
    const what = isId ? [(await oneReject(host, given)).id] : await filterOf(host, given, options);
    const by = context.env["USER"] ?? context.env["USERNAME"] ?? "";
    const discarded = await quarantine.discard(what, by);
    if (context.flags.json) writeJson(context, { discarded });
    else say(context, `discarded ${counted(discarded, "row")}`);
  });
}
