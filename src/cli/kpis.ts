/** The headline numbers of a project: its queries in queries/kpi/ that need no parameter and give one row. */
import type { Engine } from "../engine/engine.ts";
import type { NamedQuery, Project } from "../project/project.ts";
import type { Kpi } from "./summary.ts";

/** Values of all KPI queries, in the order of their names. A query that fails or gives several rows is left out. */
export async function headlineKpis(engine: Engine, project: Project): Promise<readonly Kpi[]> {
  const queries = project.queries.filter(isKpi);
  const found = await Promise.all(queries.map((query) => kpisOf(engine, query)));
  return found.flat();
}

function isKpi({ name, parameters }: NamedQuery): boolean {
  return name.startsWith("kpi/") && Object.values(parameters).every((each) => each.default !== undefined);
}

/** Each column of the one row is a number worth showing: net_sales -> "Net sales". */
async function kpisOf(engine: Engine, query: NamedQuery): Promise<readonly Kpi[]> {
  const params = Object.fromEntries(
    Object.entries(query.parameters).map(([name, { default: value }]) => [name, value ?? ""]),
  );
  const settings = { output_format_decimal_trailing_zeros: 1 };
  const rows = await engine.rows(query.sql, { params, settings }).catch(() => []);
  const [row] = rows;
  if (row === undefined || rows.length > 1) return [];
  return Object.entries(row).map(([column, value]) => ({ name: title(column), value: valueText(value) }));
}

function title(column: string): string {
  const words = column.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Thousands are grouped in the text itself: no digit passes through a binary fraction. */
function valueText(value: unknown): string {
  if (value === null) return "none";
  const text = String(value);
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d+)(\.\d+)?$/.exec(text) ?? [];
  return whole === "" ? text : `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${fraction.slice(0, 5)}`;
}
