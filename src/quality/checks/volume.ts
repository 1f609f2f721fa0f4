/**
 * volume: the number of rows is not unusual against earlier publications, in both directions.
 * Defaults as Elementary's: 14 points back, 3 standard deviations, no verdict below 7 points.
 */
import { z } from "zod";
import { defineCheck, type Finding } from "../check-type.ts";
import { whereClause } from "../sql-pieces.ts";

/** The check type `volume`. */
export const volume = defineCheck({
  type: "volume",
  dimension: "completeness",
  needsColumn: false,
  judges: "dataset",
  arguments: z.strictObject({
    points: z.number().int().min(2).default(14),
    sigma: z.number().positive().default(3),
    min_points: z.number().int().min(2).default(7),
  }),
  history: ({ points }) => points,
  compile: (spec, args, input) => ({
    aggregates: { rows: spec.where === undefined ? "count()" : `countIf(${spec.where})` },
    judge: (answers) => judge(Number(answers["rows"] ?? 0), input.history.slice(0, args.points), args),
    badRows: `SELECT count() AS rows FROM ${input.from}${whereClause(spec.where)}`,
  }),
});

/** The spread is never assumed to be below 1 % of the mean over `sigma`: a constant history would forbid any change. */
function judge(
  rows: number,
  history: readonly number[],
  limits: { readonly sigma: number; readonly min_points: number },
): Finding {
  if (history.length < limits.min_points) {
    const message = `${rows} rows; ${history.length} earlier publications, a verdict needs ${limits.min_points}`;
    return { elements: 1, unexpected: 0, message, skipped: true };
  }
  const mean = history.reduce((sum, value) => sum + value, 0) / history.length;
  const variance = history.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (history.length - 1);
  const margin = Math.max(limits.sigma * Math.sqrt(variance), mean * 0.01);
  const [low, high] = [Math.max(0, Math.floor(mean - margin)), Math.ceil(mean + margin)];
  const bad = rows < low || rows > high;
  return {
    elements: 1,
    unexpected: bad ? 1 : 0,
    message: `${rows} rows, usual: ${low} to ${high} (${history.length} earlier publications)`,
    ...(bad ? { sample: [{ rows, low, high }] } : {}),
  };
}
