import type { QuarantineCount, QuarantineRow } from "../../quality/quarantine.ts";
import type { CommandSpec, Options } from "../command.ts";
import { type CliContext, say, writeJson, writeLines } from "../context.ts";
import { withHost, withProject } from "../open.ts";
import { integer, numberOption, textOption } from "../options/values.ts";
import { runAndReport } from "../run-and-report.ts";
import { renderCounts, renderReject, renderRejects, shortId } from "../terminal/quarantine.ts";
import { count, counted } from "../terminal/style.ts";

const statuses = ["open", "replayed", "discarded"] as const;
const idArgument = { name: "<id>", description: "id of a rejected row, or its beginning" };
const ruleOption = { flags: "--rule <name>", description: "only rows that this rule rejected" };

/** Four subcommands; only `replay` runs anything. */
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
          choices: [...statuses, "all"],
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

async function list(context: CliContext, [dataset]: readonly string[], options: Options): Promise<void> {
  const { countRejects, listRejects } = await import("../../app/quarantine.ts");
  const status = statuses.find((each) => each === textOption(options, "status"));
  const wanted = { dataset, rule: textOption(options, "rule"), status };
  await withHost(context, async (host) => {
    if (dataset === undefined) writeCounts(context, await countRejects(host, wanted));
    else writeRejects(context, await listRejects(host, wanted, numberOption(options, "limit") ?? 20));
  });
}

function writeCounts(context: CliContext, counts: readonly QuarantineCount[]): void {
  if (context.flags.json) writeJson(context, counts);
  else if (counts.length === 0) say(context, "the quarantine is empty");
  else {
    writeLines(context, renderCounts(context, counts));
    say(context, `look at the rows: shoplake quarantine list ${counts[0]?.dataset}`);
  }
}

function writeRejects(context: CliContext, rejects: readonly QuarantineRow[]): void {
  const [first] = rejects;
  if (context.flags.json) writeJson(context, rejects);
  else if (first === undefined) say(context, "nothing is in quarantine for that");
  else {
    writeLines(context, renderRejects(context, rejects));
    say(context, `look at one: shoplake quarantine show ${shortId(first)}`);
  }
}

async function show(context: CliContext, [id = ""]: readonly string[]): Promise<void> {
  const { oneReject } = await import("../../app/quarantine.ts");
  const reject = await withHost(context, (host) => oneReject(host, id));
  if (context.flags.json) writeJson(context, reject);
  else writeLines(context, renderReject(reject));
}

async function replay(context: CliContext, [given = ""]: readonly string[]): Promise<number> {
  const [{ beginReplay }, { resolveDataset }] = await Promise.all([
    import("../../app/quarantine.ts"),
    import("../../app/datasets.ts"),
  ]);
  return withProject(context, async (project) => {
    const dataset = resolveDataset(project.catalogue.datasets.keys(), given);
    const { options, finish } = await beginReplay(project.host, dataset);
    const { report, exitCode } = await runAndReport(context, project, options);
    const version = report.tasks.find((task) => task.dataset === dataset)?.version;
    const { left, open } = await finish(exitCode === 0 ? version : undefined);
    say(context, `${counted(left, "row")} left the quarantine, ${count(open)} still rejected`);
    return exitCode;
  });
}

async function discard(
  context: CliContext,
  [given = ""]: readonly string[],
  options: Options,
): Promise<void> {
  const { discardRejects } = await import("../../app/quarantine.ts");
  const by = context.env["USER"] ?? context.env["USERNAME"] ?? "";
  const what = { given, rule: textOption(options, "rule") };
  const discarded = await withHost(context, (host) => discardRejects(host, what, by));
  if (context.flags.json) writeJson(context, { discarded });
  else say(context, `discarded ${counted(discarded, "row")}`);
}
