/**
 * Scores of a dataset from its check results, 0 to 1 per dimension.
 *
 * completeness, validity, consistency: 1 - bad / looked at, over all row checks of the dimension together (a row that
 * breaks two checks counts twice, so the score is a lower bound); rejected rows count as invalid rows.
 * uniqueness: distinct key rows / rows. accuracy: 1 - |difference| / source, mean over the reconciliations.
 * timeliness: share of freshness checks that hold. Checks of the whole table (row_count, volume) count as one element.
 */
import type { CheckResult, Dimension } from "../api/checks.ts";
import { dimensions as allDimensions } from "../api/dimensions.ts";

/** How good a dataset is, as far as it was measured. */
export interface DatasetScore {
  /** That was measured. */
  readonly dataset: string;
  /** Only measured dimensions. */
  readonly dimensions: Readonly<Partial<Record<Dimension, number>>>;
  /** Weighted mean of the measured dimensions; undefined: nothing was measured. */
  readonly score: number | undefined;
  /** Those that the mean was computed with. */
  readonly weights: Readonly<Record<Dimension, number>>;
  /** Number of measured dimensions, of six. */
  readonly measured: number;
  /** "red" when an error-check failed or could not be run, whatever the mean; else green from 0.95, yellow from 0.8. */
  readonly badge: "green" | "yellow" | "red" | "none";
}

const equalWeights: Readonly<Record<Dimension, number>> = {
  completeness: 1,
  uniqueness: 1,
  validity: 1,
  consistency: 1,
  accuracy: 1,
  timeliness: 1,
};

/** What was measured. */
export interface ScoreInput {
  /** That was measured. */
  readonly dataset: string;
  /** Of one audit. Results that were skipped or broke measure nothing. */
  readonly results: readonly CheckResult[];
  /** Counts of the publication; `rejected` of `read` rows count as invalid. */
  readonly counts?: { readonly read: number; readonly rejected: number };
  /** Default: all equal. */
  readonly weights?: Readonly<Partial<Record<Dimension, number>>>;
}

/** Pure: the same measurements give the same score. */
export function scoreOf(input: ScoreInput): DatasetScore {
  const weights = { ...equalWeights, ...input.weights };
  const measured = allDimensions.flatMap((dimension) => {
    const score = dimensionScore(input, dimension);
    return score === undefined ? [] : [{ dimension, score }];
  });
  const weight = measured.reduce((sum, { dimension }) => sum + weights[dimension], 0);
  const total = measured.reduce((sum, { dimension, score }) => sum + weights[dimension] * score, 0);
  const score = weight === 0 ? undefined : total / weight;
  const failed = input.results.some(
    (result) => result.severity === "error" && (result.status === "fail" || result.status === "error"),
  );
  return {
    dataset: input.dataset,
    dimensions: Object.fromEntries(measured.map((one) => [one.dimension, one.score])),
    score,
    weights,
    measured: measured.length,
    badge: failed ? "red" : badgeOf(score),
  };
}

function badgeOf(score: number | undefined): DatasetScore["badge"] {
  if (score === undefined) return "none";
  if (score >= 0.95) return "green";
  return score >= 0.8 ? "yellow" : "red";
}

function dimensionScore(input: ScoreInput, dimension: Dimension): number | undefined {
  const results = input.results.filter(
    (result) =>
      result.dimension === dimension &&
      result.status !== "skipped" &&
      result.status !== "error" &&
      result.type !== "rejected", // `counts` has its rows
  );
  const rejects = dimension === "validity" && (input.counts?.read ?? 0) > 0 ? input.counts : undefined;
  if (results.length === 0 && !rejects) return undefined;
  if (dimension === "accuracy") return mean(results.map(accuracy));
  if (dimension === "timeliness") return mean(results.map((result) => (result.unexpected_count > 0 ? 0 : 1)));
  const looked = sum(results.map((result) => result.element_count)) + (rejects?.read ?? 0);
  const bad = sum(results.map((result) => result.unexpected_count)) + (rejects?.rejected ?? 0);
  return looked === 0 ? 1 : clamp(1 - bad / looked);
}

/** From the sums a reconciliation compared; other accuracy checks count as their share of good rows. */
function accuracy(result: CheckResult): number {
  const there = Number(result.sample[0]?.["there"]);
  const difference = Number(result.sample[0]?.["difference"]);
  if (Number.isFinite(there) && Number.isFinite(difference)) {
    if (there === 0) return difference === 0 ? 1 : 0;
    return clamp(1 - Math.abs(difference / there));
  }
  return result.element_count === 0 ? 1 : clamp(1 - result.unexpected_count / result.element_count);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
