import type { OpenedHost } from "../../host/host.ts";
import type { Action, RunReport, TaskReport } from "../../pipeline/types.ts";
import type { RunDetail, RunRow } from "../../state/records.ts";
import { runDetail } from "../../state/state.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, say, writeJson, writeLines } from "../context.ts";
import { withHost } from "../open.ts";
import { rejectsOfRun } from "../run-and-report.ts";
import { stateLabel } from "../terminal/frame.ts";
import { count, duration, styleFor } from "../terminal/style.ts";
import { renderSummary } from "../terminal/summary.ts";
import { renderTable } from "../terminal/table.ts";
import { localTime } from "../terminal/time.ts";
import { integer, named, numberOption } from "../values.ts";

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
        ? listRuns(context, host, numberOption(options, "limit"))
        : showRun(context, host, given),
    );
  },
};

async function listRuns(context: CliContext, host: OpenedHost, limit: number | undefined): Promise<void> {
  const runs = await host.state.runs.list(limit === undefined ? {} : { limit });
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

async function showRun(context: CliContext, host: OpenedHost, given: string): Promise<void> {
  const detail = await runDetail(host.state, (await findRun(host, given)).runId);
  if (detail === undefined) return;
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

/** Runs among which the nearest to a mistyped id is looked for. */
const suggested = 1000;

/** A run by id, by the beginning of its id, or "last". Throws `usage` with the nearest id of the newest runs. */
export async function findRun({ state }: OpenedHost, given: string): Promise<RunRow> {
  const found = await state.runs.list(given === "last" ? { limit: 1 } : { idBegins: given });
  const only = found.find(({ runId }) => runId === given) ?? (found.length === 1 ? found[0] : undefined);
  if (only !== undefined) return only;
  const newest = await state.runs.list({ limit: suggested });
  return named("run", given, new Map(newest.map((run) => [run.runId, run])));
}

/** What the state remembers of a run, in the shape of a fresh report. */
function reportOf({ run, tasks, checks }: RunDetail): RunReport {
  const end = (endedAt: string | undefined, startedAt: string) =>
    endedAt === undefined ? 0 : Date.parse(endedAt) - Date.parse(startedAt);
  return {
    runId: run.runId,
    state: run.state,
    startedAt: run.startedAt,
    durationMs: end(run.endedAt, run.startedAt),
    tasks: tasks.map(
      ({ version, error, ...task }): TaskReport => ({
        dataset: task.dataset,
        layer: task.layer as TaskReport["layer"],
        state: task.state,
        attempt: task.attempt,
        action: task.action as Action,
        reason: task.reason,
        counts: task.counts,
        checks: checks.filter((check) => check.taskId === task.taskId),
        durationMs: end(task.endedAt, task.startedAt),
        ...(version === undefined ? {} : { version }),
        ...(error === undefined ? {} : { error }),
      }),
    ),
  };
}
