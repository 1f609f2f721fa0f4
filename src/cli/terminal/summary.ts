/** The end of a run as a person wants to read it: datasets, rejects, failed checks, KPIs, where to look next. */

import type { CheckResult } from "../../api/checks.ts";
import type { RunReport, TaskReport } from "../../pipeline/index.ts";
import { renderFailure } from "./failure.ts";
import { stateLabel } from "./frame.ts";
import { count, counted, duration, type Style, styleFor } from "./style.ts";
import { renderTable, type TableColumn } from "./table.ts";
import { clip, visible } from "./width.ts";

/** Rejected rows of one rule of one dataset. */
export interface RejectCount {
  /** Full name. */
  readonly dataset: string;
  /** Name of the rule. */
  readonly rule: string;
  /** How many. */
  readonly rows: number;
}

/** A headline number. */
export interface Kpi {
  /** As a person reads it: "Revenue". */
  readonly name: string;
  /** As a person reads it: "1,204.50". */
  readonly value: string;
}

/** A few rows of a KPI that has several. */
export interface KpiTable {
  /** As a person reads it. */
  readonly title: string;
  /** Name of the query that gives all rows. */
  readonly query: string;
  /** Heads of the columns. */
  readonly columns: readonly string[];
  /** Values as texts. */
  readonly rows: readonly (readonly string[])[];
  /** Rows that are not shown. */
  readonly hidden: number;
}

/** What a summary is made of. */
export interface SummaryInput {
  /** What the run did. */
  readonly report: RunReport;
  /** Why rows were rejected, most frequent first. */
  readonly rejects: readonly RejectCount[];
  /** Numbers of queries that give one row. */
  readonly kpis: readonly Kpi[];
  /** Rows of queries that give several. */
  readonly kpiTables: readonly KpiTable[];
  /** Commands worth trying next, with what they show. */
  readonly next: readonly (readonly [line: string, effect: string])[];
}

/** How a summary is laid out on the terminal. */
export interface SummaryLayout {
  /** Columns of the terminal; undefined: nothing is cut. */
  readonly columns: number | undefined;
  /** False: no colours. */
  readonly color: boolean;
  /** The colours. */
  readonly style: Style;
}

type Section = (input: SummaryInput, layout: SummaryLayout) => string[];

const sections: readonly Section[] = [
  datasetSection,
  failureSection,
  rejectSection,
  checkSection,
  kpiSection,
  nextSection,
];

/** Lines of the summary; sections without content are left out. */
export function renderSummary(input: SummaryInput, layout: SummaryLayout): string[] {
  const lines = [headline(input.report, layout.style)];
  for (const section of sections) {
    const part = section(input, layout);
    if (part.length > 0) lines.push("", ...part);
  }
  return lines;
}

function headline(report: RunReport, style: Style): string {
  const changed = report.tasks.filter(didSomething).length;
  const failed = report.tasks.filter((task) => task.state === "failed").length;
  const idle = report.tasks.length - changed;
  const end = stateLabel(report.state, style);
  const upToDate = `${counted(idle, "dataset")} up to date`;
  const facts = [
    ...(changed > 0 ? [counted(changed, "dataset")] : []),
    ...(idle > 0 ? [changed > 0 ? `${count(idle)} already up to date` : `nothing to do, ${upToDate}`] : []),
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    duration(report.durationMs),
  ];
  return `${style.bold(`Run ${report.runId}`)}  ${end}  ${facts.join(", ")}`;
}

function datasetSection({ report }: SummaryInput, { columns, style }: SummaryLayout): string[] {
  const tasks = report.tasks.filter(didSomething);
  if (tasks.length === 0) return [];
  const narrow = columns !== undefined && columns < 80;
  const shown = datasetColumns.filter(
    ({ title, value }) => !(narrow && title === "action") && tasks.some((task) => value(task) !== ""),
  );
  const rows = tasks.map((task) => shown.map(({ value }) => value(task)));
  return renderTable(shown, rows, { columns, heading: style.dim, indent: "  " });
}

const datasetColumns: readonly (TableColumn & { readonly value: (task: TaskReport) => string })[] = [
  { title: "dataset", value: (task) => task.dataset },
  { title: "state", value: (task) => stateLabel(task.state, styleFor(false)) },
  { title: "action", value: (task) => task.action },
  { title: "read", align: "right", value: (task) => some(known(task).read) },
  { title: "staged", align: "right", value: (task) => some(task.staged?.published ?? 0) },
  { title: "published", align: "right", value: (task) => some(task.counts.published) },
  { title: "rejected", align: "right", value: (task) => some(known(task).rejected) },
  { title: "deduplicated", align: "right", value: (task) => some(known(task).deduplicated) },
  { title: "took", align: "right", value: (task) => duration(task.durationMs) },
];

/** Of a task that its checks stopped: what it had read, though nothing of it is published. */
function known({ counts, staged }: TaskReport): TaskReport["counts"] {
  return staged ?? counts;
}

function some(value: number): string {
  return value === 0 ? "" : count(value);
}

function failureSection({ report }: SummaryInput, { color, style }: SummaryLayout): string[] {
  const failed = report.tasks.filter((task) => task.error !== undefined);
  if (failed.length === 0) return [];
  const lines = [style.bold(`Failed (${count(failed.length)})`)];
  for (const { dataset, error } of failed)
    if (error) lines.push(`  ${dataset}`, ...renderFailure(error, color).map((line) => `    ${line}`));
  const stopped = report.tasks.filter((task) => task.state === "upstream_failed").map((task) => task.dataset);
  if (stopped.length > 0) lines.push(`  not run because of that: ${stopped.join(", ")}`);
  if (failed.some(({ error }) => error?.code !== "quality"))
    lines.push("  What was published before is still served.");
  return lines;
}

function rejectSection({ rejects }: SummaryInput, { columns, style }: SummaryLayout): string[] {
  if (rejects.length === 0) return [];
  const total = rejects.reduce((sum, reject) => sum + reject.rows, 0);
  const table = renderTable(
    [{ title: "dataset" }, { title: "reason" }, { title: "rows", align: "right" }],
    rejects.map((reject) => [reject.dataset, reject.rule, count(reject.rows)]),
    { columns, heading: style.dim, indent: "  " },
  );
  return [style.bold(`Rejected rows (${count(total)}), kept in quarantine`), ...table];
}

function checkSection({ report }: SummaryInput, layout: SummaryLayout): string[] {
  const results = report.tasks.flatMap((task) => task.checks);
  const bad = results.filter((result) => !result.success);
  if (results.length === 0) return [];
  const head = `Checks: ${count(results.length - bad.length)} passed, ${count(bad.length)} did not`;
  return [layout.style.bold(head), ...bad.flatMap((result) => renderCheck(result, layout))];
}

const samplesShown = 2;

/** A check that did not pass: numbers, up to two sample rows, where it is written. */
export function renderCheck(result: CheckResult, { columns, style }: SummaryLayout): string[] {
  const status = result.severity === "error" ? style.red("✖ error") : style.yellow("⚠ warn");
  const share = `${count(result.unexpected_count)} of ${counted(result.element_count, "row")} (${percent(result.unexpected_percent)})`;
  const text = result.status === "error" ? `could not be evaluated: ${result.message}` : share;
  const room = (columns ?? 160) - 6;
  return [
    `  ${status}  ${result.dataset}  ${result.name}: ${text}`,
    ...result.sample
      .slice(0, samplesShown)
      .map((row) => style.dim(`      ${clip(visible(JSON.stringify(row)), room)}`)),
    style.dim(`      ${result.location}`),
  ];
}

function kpiSection({ kpis, kpiTables }: SummaryInput, layout: SummaryLayout): string[] {
  if (kpis.length + kpiTables.length === 0) return [];
  const { style } = layout;
  const longest = Math.max(0, ...kpis.map((kpi) => kpi.name.length));
  const widest = Math.max(0, ...kpis.map((kpi) => kpi.value.length));
  return [
    style.bold("Headline KPIs"),
    ...kpis.map((kpi) => `  ${kpi.name.padEnd(longest)}  ${style.bold(kpi.value.padStart(widest))}`),
    ...kpiTables.flatMap((table) => kpiTable(table, layout)),
  ];
}

function kpiTable(
  { title, query, columns, rows, hidden }: KpiTable,
  { columns: width, style }: SummaryLayout,
): string[] {
  const titled = columns.map(
    (name, index): TableColumn => ({ title: name, align: index === 0 ? "left" : "right" }),
  );
  const more = hidden > 0 ? style.dim(`  ${count(hidden)} more: shoplake query ${query}`) : "";
  return [
    "",
    `  ${title}${more}`,
    ...renderTable(titled, rows, { columns: width, heading: style.dim, indent: "    " }),
  ];
}

function nextSection({ next }: SummaryInput, { style }: SummaryLayout): string[] {
  if (next.length === 0) return [];
  const longest = Math.max(...next.map(([line]) => line.length));
  return [
    style.bold("Where to look next"),
    ...next.map(([line, effect]) => `  ${line.padEnd(longest)}  ${style.dim(effect)}`),
  ];
}

const rebuilding = new Set(["append", "merge", "partitions", "full"]);

/** A task that changed or tried to change something; the rest is counted in the headline. Rows seen before change nothing. */
function didSomething({ state, action, counts }: TaskReport): boolean {
  return state !== "success" || rebuilding.has(action) || counts.published + counts.rejected > 0;
}

function percent(value: number): string {
  return value > 0 && value < 0.01 ? "< 0.01 %" : `${value.toFixed(2)} %`;
}
