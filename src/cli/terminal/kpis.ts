/** Headline numbers as a person reads them. */
import type { HeadlineResult } from "../../app/headline.ts";
import type { Kpi, KpiTable } from "./summary.ts";

/** Numbers for the summary of a run. */
export interface Headline {
  /** Each column of each query that gives one row. */
  readonly kpis: readonly Kpi[];
  /** A few rows of each query that gives several. */
  readonly tables: readonly KpiTable[];
}

const rowsShown = 3;

/** Titles and numbers as texts. */
export function headlineTexts(results: readonly HeadlineResult[]): Headline {
  return {
    kpis: results
      .filter(({ rows }) => rows.length === 1)
      .flatMap(({ rows }) =>
        Object.entries(rows[0] ?? {}).map(([column, value]) => ({
          name: title(column),
          value: valueText(value),
        })),
      ),
    tables: results.filter(({ rows }) => rows.length > 1).map(tableOf),
  };
}

/** The first rows; of a series of days or months the last ones. */
function tableOf({ query, rows }: HeadlineResult): KpiTable {
  const columns = Object.keys(rows[0] ?? {});
  const isSeries = /^\d{4}-\d\d-\d\d/.test(String(rows[0]?.[columns[0] ?? ""]));
  const shown = isSeries ? rows.slice(-rowsShown) : rows.slice(0, rowsShown);
  return {
    title: title(query.replace(/^kpi\//, "")),
    query,
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
