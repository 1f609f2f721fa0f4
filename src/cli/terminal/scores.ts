/** Scores of datasets as a person reads them. */
import { dimensions } from "../../api/dimensions.ts";
import type { DatasetScore } from "../../quality/score.ts";
import type { Style } from "./style.ts";
import { renderTable } from "./table.ts";

/** "94.1 %, yellow, 3 of 6 measured" */
export function scoreText(score: DatasetScore): string {
  return `${percent(score.score)}, ${score.badge}, ${measured(score)} measured`;
}

/** A line per dataset: badge, score, how much was measured, and the dimensions that any of them has. */
export function renderScores(
  scores: readonly DatasetScore[],
  { columns, style }: { readonly columns: number | undefined; readonly style: Style },
): string[] {
  const shown = dimensions.filter((dimension) =>
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
  return `${score.measured} of ${dimensions.length}`;
}

/** Rounded down: 100.0 % says that nothing was found. */
function percent(share: number | undefined): string {
  return share === undefined ? "" : `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
