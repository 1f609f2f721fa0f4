/** Scores of datasets: computed from results of checks and from the quarantine, and shown as a table. */

import type { CheckResult } from "../api/checks.ts";
import type { Style } from "../cli/terminal/style.ts";
import { renderTable } from "../cli/terminal/table.ts";
import type { Host } from "../pipeline/context.ts";
import type { Model } from "../project/project.ts";
import { type DatasetScore, DIMENSIONS, scoreOf } from "../quality/score.ts";

/** The score of published rows. Open rejects count as invalid rows, where the model has row rules. */
export async function scoreOfModel(
  host: Host,
  model: Model,
  of: { readonly results: readonly CheckResult[]; readonly rows: number },
): Promise<DatasetScore> {
  const { dataset } = model;
  const { results, rows } = of;
  const typed = model.columns.some((column) => column.type !== undefined);
  if (!typed && model.reject.length === 0) return scoreOf({ dataset, results });
  const [found] = await host.engine.rows<{ rejected: string }>(
    "SELECT toString(sum(occurrences)) AS rejected FROM ops.quarantine WHERE dataset = {dataset:String} AND status = 'open'",
    { params: { dataset } },
  );
  const rejected = Number(found?.rejected ?? 0);
  return scoreOf({ dataset, results, counts: { read: rows + rejected, rejected } });
}

/**
 * The score by the audit of the publication that stands, without running a check. undefined when that audit does not speak for
 * all rows (an increment of a lake dataset looks at its new rows only), or when a later one failed.
 */
export async function lastScore(host: Host, model: Model, rows: number): Promise<DatasetScore | undefined> {
  const { state } = host;
  const [publication] = await state.publications(model.dataset, 1);
  if (publication === undefined || (publication.mode === "increment" && model.layer !== "gold"))
    return undefined;
  const results = await state.lastChecks(model.dataset);
  if (results.some(({ taskId }) => taskId !== publication.taskId)) return undefined;
  return scoreOfModel(host, model, { results, rows });
}

/** "94.1 %, yellow, 3 of 6 measured" */
export function scoreText(score: DatasetScore): string {
  return `${percent(score.score)}, ${score.badge}, ${measured(score)} measured`;
}

/** A line per dataset: badge, score, how much was measured, and the dimensions that any of them has. */
export function renderScores(
  scores: readonly DatasetScore[],
  { columns, style }: { readonly columns: number | undefined; readonly style: Style },
): string[] {
  const shown = DIMENSIONS.filter((dimension) =>
    scores.some((score) => score.dimensions[dimension] !== undefined),
  );
  const titles = [
    { title: "dataset" },
    { title: "badge" },
    { title: "score", align: "right" as const },
    { title: "measured", align: "right" as const },
    ...shown.map((title) => ({ title, align: "right" as const })),
  ];
  const rows = scores.map((score) => [
    score.dataset,
    score.badge === "none" ? "" : score.badge,
    percent(score.score),
    measured(score),
    ...shown.map((dimension) => percent(score.dimensions[dimension])),
  ]);
  return [style.bold("Scores"), ...renderTable(titles, rows, { columns, heading: style.dim, indent: "  " })];
}

function measured(score: DatasetScore): string {
  return `${score.measured} of ${DIMENSIONS.length}`;
}

/** Rounded down: 100.0 % says that nothing was found. */
function percent(share: number | undefined): string {
  return share === undefined ? "" : `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
