import { expect, test } from "vitest";
import type { CheckResult } from "../../src/api/checks.ts";
import { scoreOf } from "../../src/quality/score.ts";

function result(more: Partial<CheckResult>): CheckResult {
  return {
    dataset: "silver.orders",
    name: "n",
    type: "not_null",
    severity: "error",
    dimension: "completeness",
    status: "pass",
    success: true,
    element_count: 100,
    unexpected_count: 0,
    unexpected_percent: 0,
    sample: [],
    query: "",
    location: "",
    message: "",
    ...more,
  };
}

test("each dimension by its formula, the mean over what was measured", () => {
  const score = scoreOf({
    dataset: "silver.orders",
    counts: { read: 100, rejected: 10 },
    results: [
      result({ unexpected_count: 10, status: "warn", severity: "warn" }),
      result({}),
      result({ dimension: "uniqueness", type: "unique", unexpected_count: 1 }),
      result({
        dimension: "accuracy",
        type: "reconciliation",
        element_count: 1,
        sample: [{ here: "99", there: "100", difference: "-1" }],
      }),
      result({ dimension: "timeliness", type: "freshness", element_count: 1, unexpected_count: 1 }),
      result({ dimension: "timeliness", type: "freshness", element_count: 1 }),
      result({ dimension: "consistency", status: "skipped" }),
    ],
  });
  expect(score.dimensions).toEqual({
    completeness: 0.95,
    uniqueness: 0.99,
    validity: 0.9,
    accuracy: 0.99,
    timeliness: 0.5,
  });
  expect(score.score).toBeCloseTo((0.95 + 0.99 + 0.9 + 0.99 + 0.5) / 5);
  expect([score.measured, score.badge]).toEqual([5, "yellow"]);
});

test("weights shift the mean", () => {
  const results = [result({ unexpected_count: 50 }), result({ dimension: "uniqueness" })];
  expect(scoreOf({ dataset: "d", results, weights: { completeness: 3 } }).score).toBeCloseTo(0.625);
});

test("a failed error-check is red whatever the mean; a failed warning is not", () => {
  const bad = { unexpected_count: 1, element_count: 1000, status: "fail" } as const;
  expect(scoreOf({ dataset: "d", results: [result(bad)] }).badge).toBe("red");
  expect(
    scoreOf({ dataset: "d", results: [result({ ...bad, severity: "warn", status: "warn" })] }).badge,
  ).toBe("green");
  expect(scoreOf({ dataset: "d", results: [result({ status: "error" })] })).toMatchObject({
    badge: "red",
    measured: 0,
  });
});

test("nothing measured is no score", () => {
  expect(scoreOf({ dataset: "d", results: [] })).toMatchObject({
    score: undefined,
    measured: 0,
    badge: "none",
  });
});
