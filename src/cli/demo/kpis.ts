/**
 * The headline numbers of a project: its queries with the tag `headline`, or all in queries/kpi/ when none has it. Those that
 * cannot run on their defaults are left out.
 */
import type { Engine } from "../../engine/engine.ts";
import { queryDefaults } from "../../project/parameters.ts";
import type { NamedQuery, Project } from "../../project/project.ts";
import type { Kpi, KpiTable } from "../terminal/summary.ts";

export interface Headline {
  /** Each column of each query that gives one row. */
  readonly kpis: readonly Kpi[];
  /** A few rows of each query that gives several. */
  readonly tables: readonly KpiTable[];
}

type Row = Readonly<Record<string, unknown>>;

const rowsShown = 3;

/** Runs all KPI queries, in the order of their names. One that fails is left out: the run was good all the same. */
export async function headlineOf(engine: Engine, project: Project, now: Date): Promise<Headline> {
  const kpis: Kpi[] = [];
  const tables: KpiTable[] = [];
  for (const query of headlineQueries(project.queries)) {
    const params = queryDefaults(query, project, now);
    if (!isComplete(params)) continue;
    const rows = await rowsOf(engine, query, params).catch(() => []);
    const [first] = rows;
    if (first === undefined) continue;
    if (rows.length > 1) tables.push(tableOf(query, rows));
    else
      for (const [column, value] of Object.entries(first))
        kpis.push({ name: title(column), value: valueText(value) });
  }
  return { kpis, tables };
}

function headlineQueries(queries: readonly NamedQuery[]): readonly NamedQuery[] {
  const tagged = queries.filter(({ tags }) => tags.includes("headline"));
  return tagged.length > 0 ? tagged : queries.filter(({ name }) => name.startsWith("kpi/"));
}

function isComplete(
  params: Readonly<Record<string, string | undefined>>,
): params is Readonly<Record<string, string>> {
  return Object.values(params).every((value) => value !== undefined);
}

function rowsOf(
  engine: Engine,
  { sql }: NamedQuery,
  params: Readonly<Record<string, string>>,
): Promise<readonly Row[]> {
  return engine.rows(sql, { params, settings: { output_format_decimal_trailing_zeros: 1 } });
}

/** The first rows; of a series of days or months the last ones. */
function tableOf(query: NamedQuery, rows: readonly Row[]): KpiTable {
  const columns = Object.keys(rows[0] ?? {});
  const isSeries = /^\d{4}-\d\d-\d\d/.test(String(rows[0]?.[columns[0] ?? ""]));
  const shown = isSeries ? rows.slice(-rowsShown) : rows.slice(0, rowsShown);
  return {
    title: title(query.name.replace(/^kpi\//, "")),
    query: query.name,
    columns: columns.map((column) => column.replaceAll("_", " ")),
    rows: shown.map((row) => columns.map((column) => valueText(row[column]))),
    hidden: rows.length - shown.length,
  };
}

function title(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "1,473,770.79" of "1473770.7900". In the text itself: no digit passes through a binary fraction. */
function valueText(value: unknown): string {
  if (value === null) return "none";
  const text = String(value);
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d+)(\.\d+)?$/.exec(text) ?? [];
  const short = fraction.replace(/(?<=\.\d\d\d*?)0+$/, "");
  return whole === "" ? text : `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${short}`;
}
