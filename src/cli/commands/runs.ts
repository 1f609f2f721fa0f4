import type { OpenedHost } from "../../host/host.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, say, writeJson, writeLines } from "../context.ts";
import { withHost } from "../open.ts";
import { integer, numberOption } from "../options/values.ts";
import { rejectsOfRun } from "../run-and-report.ts";
import { stateLabel } from "../terminal/frame.ts";
import { count, duration, styleFor } from "../terminal/style.ts";
import { renderSummary } from "../terminal/summary.ts";
import { renderTable } from "../terminal/table.ts";
import { localTime } from "../terminal/time.ts";

/** Needs no source: reads the history of the project. */
export const command: CommandSpec = {
  name: "runs",
  description: "List runs, newest first, or show one: its datasets, rejects, failed checks.",
  arguments: [{ name: "[run]", description: "id of a run, or its beginning; last: the newest one" }],
  options: [
    { flags: "-n, --limit <runs>", description: "runs to list", default: 20, parse: integer("--limit", 1) },
  ],
  examples: [
    ["shoplake runs", "the last twenty runs"],
    ["shoplake runs last", "what the newest one did"],
    ["shoplake runs --json", "as data"],
  ],
  async run(context, [given], options) {
    await withHost(context, (host) =>
      given === undefined
        ? writeRuns(context, host, numberOption(options, "limit") ?? 20)
        : writeRun(context, host, given),
    );
  },
};

async function writeRuns(context: CliContext, host: OpenedHost, limit: number): Promise<void> {
  const { listRuns } = await import("../../app/runs.ts");
  const runs = await listRuns(host, limit);
  if (context.flags.json) writeJson(context, runs);
  else if (runs.length === 0) say(context, "there was no run yet; start one: shoplake run");
  else {
    const style = styleFor(context.flags.color && context.stdout.isTTY === true);
    const { timezone } = host.config;
    const rows = runs.map((run) => [
      run.runId,
      stateLabel(run.state, styleFor(false)),
      localTime(run.startedAt, timezone),
      run.endedAt === undefined ? "" : duration(Date.parse(run.endedAt) - Date.parse(run.startedAt)),
      count(run.tasks),
      run.selection || "everything",
    ]);
    writeLines(context, renderTable(listColumns, rows, { heading: style.dim }));
  }
}

const listColumns = [
  { title: "run" },
  { title: "state" },
  { title: "started" },
  { title: "took", align: "right" },
  { title: "tasks", align: "right" },
  { title: "selection" },
] as const;

async function writeRun(context: CliContext, host: OpenedHost, given: string): Promise<void> {
  const { reportOf, runDetail } = await import("../../app/runs.ts");
  const detail = await runDetail(host, given);
  if (context.flags.json) {
    writeJson(context, detail);
    return;
  }
  const color = context.flags.color && context.stdout.isTTY === true;
  const report = reportOf(detail);
  const columns = context.stdout.isTTY ? context.stdout.columns : undefined;
  const rejects = await rejectsOfRun(host.engine, report.runId);
  const next = [[`shoplake logs ${report.runId}`, "every event of this run"]] as const;
  writeLines(
    context,
    renderSummary(
      { report, rejects, kpis: [], kpiTables: [], next },
      { columns, color, style: styleFor(color) },
    ),
  );
}
