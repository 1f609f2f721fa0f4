/** Plans, runs, shows progress and the summary: what `run` and `demo` have in common. */
import type { Engine } from "../engine/engine.ts";
import type { OpenProject, PlanOptions, RunReport } from "../pipeline/index.ts";
import { keepRunLog } from "../telemetry/run-log.ts";
import { ShoplakeError } from "../util/errors.ts";
import { type CliContext, say } from "./context.ts";
import { exitCodes } from "./terminal/failure.ts";
import type { Headline } from "./terminal/kpis.ts";
import { showProgress } from "./terminal/progress.ts";
import { count, counted, styleFor } from "./terminal/style.ts";
import { type RejectCount, renderSummary, type SummaryInput } from "./terminal/summary.ts";

/** A run that has ended by itself. */
export interface Reported {
  /** What became of each task. */
  readonly report: RunReport;
  /** 0 when all tasks succeeded, else 1. */
  readonly exitCode: number;
}

/** What a caller adds to the summary of its run. */
export interface SummaryExtras {
  /** Figures to show after a run that succeeded. Default: none. */
  headline?(project: OpenProject): Promise<Headline>;
  /** Commands to try now, with what they do. Default: those that fit what happened. */
  readonly next?: SummaryInput["next"];
}

/** Runs what the options select. Throws `interrupted` when the user stopped it. */
export async function runAndReport(
  context: CliContext,
  project: OpenProject,
  options: PlanOptions,
  extras: SummaryExtras = {},
): Promise<Reported> {
  const [{ createPlan }, { startRun }] = await Promise.all([
    import("../pipeline/index.ts"),
    import("../runs/index.ts"),
  ]);
  const plan = await createPlan(project, options, context.signal);
  const run = startRun(project, plan, { signal: context.signal });
  const log = keepRunLog(project.host.stateDir, run.events);
  const stop = showProgress(context, run.events);
  let report: RunReport;
  try {
    report = await run.done;
  } finally {
    stop();
    await log.close();
  }
  if (report.state === "cancelled") throw interrupted(report);
  if (context.flags.json) context.stdout.write(`${JSON.stringify({ event: "report", report })}\n`);
  else await writeSummary(context, project, report, extras);
  return { report, exitCode: report.state === "success" ? exitCodes.good : exitCodes.failed };
}

async function writeSummary(
  context: CliContext,
  project: OpenProject,
  report: RunReport,
  extras: SummaryExtras,
): Promise<void> {
  const { flags, stderr } = context;
  const rejected = report.tasks.some((task) => task.counts.rejected > 0);
  const headline = report.state === "success" ? await extras.headline?.(project) : undefined;
  const input: SummaryInput = {
    report,
    rejects: rejected ? await rejectsOfRun(project.host.engine, report.runId) : [],
    kpis: headline?.kpis ?? [],
    kpiTables: headline?.tables ?? [],
    next: extras.next ?? nextSteps(report),
  };
  const columns = stderr.isTTY ? stderr.columns : undefined;
  const lines = renderSummary(input, { columns, color: flags.color, style: styleFor(flags.color) });
  for (const line of ["", ...lines]) say(context, line);
}

/** Reasons of the rows that a run put into quarantine, most frequent first, at most twenty. */
export async function rejectsOfRun(engine: Engine, runId: string): Promise<readonly RejectCount[]> {
  const rows = await engine.rows<{ dataset: string; rule: string; rows: string }>(
    `SELECT dataset, rule, toString(count()) AS rows FROM ops.quarantine_log
WHERE run_id = {run:String} AND task_id IN (SELECT task_id FROM ops.publications_log WHERE run_id = {run:String})
GROUP BY dataset, rule ORDER BY count() DESC, dataset, rule LIMIT 20`,
    { params: { run: runId } },
  );
  return rows.map((row) => ({ ...row, rows: Number(row.rows) }));
}

/** Commands that fit what happened. */
export function nextSteps(report: RunReport): SummaryInput["next"] {
  const rejected = report.tasks.find((task) => task.counts.rejected > 0);
  const published = report.tasks.findLast(
    ({ state, layer, counts }) => state === "success" && layer !== "sink" && counts.published > 0,
  );
  const failed = report.tasks.find((task) => task.state === "failed");
  return [
    ...(failed ? ([[`shoplake logs ${report.runId}`, "every event of this run"]] as const) : []),
    ...(rejected
      ? ([[`shoplake quarantine list ${rejected.dataset}`, "the rejected rows and why"]] as const)
      : []),
    ...(published ? ([[`shoplake show ${published.dataset}`, "what was published"]] as const) : []),
  ];
}

function interrupted(report: RunReport): ShoplakeError {
  const done = report.tasks.filter((task) => task.state === "success").length;
  const left = report.tasks.length - done;
  return new ShoplakeError(
    "interrupted",
    `the run was interrupted: ${counted(done, "task")} published, ${count(left)} left`,
    {
      where: `run ${report.runId}`,
      hint: "nothing is half published; `shoplake run` does what is left",
    },
  );
}
