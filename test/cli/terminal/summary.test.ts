import { expect, test } from "vitest";
import type { CheckResult } from "../../../src/api/checks.ts";
import { styleFor } from "../../../src/cli/terminal/style.ts";
import { renderSummary, type SummaryInput } from "../../../src/cli/terminal/summary.ts";
import { noCounts, type RunReport, type TaskReport } from "../../../src/pipeline/types.ts";

const check: CheckResult = {
  dataset: "silver.orders",
  name: "relationships_customer_id",
  type: "relationships",
  column: "customer_id",
  severity: "error",
  dimension: "consistency",
  status: "fail",
  success: false,
  element_count: 5000,
  unexpected_count: 12,
  unexpected_percent: 0.24,
  sample: [
    { order_id: "17", customer_id: "999", note: "line\nbreak \x1b[31m" },
    { order_id: "18", customer_id: "998" },
    { order_id: "19", customer_id: "997" },
  ],
  query: "SELECT 1",
  location: "models/silver/orders.sql:9",
  message: "",
};

function task(over: Partial<TaskReport> & Pick<TaskReport, "dataset" | "layer">): TaskReport {
  return {
    state: "success",
    attempt: 1,
    action: "full",
    reason: "",
    version: 1,
    counts: noCounts,
    checks: [],
    durationMs: 1200,
    ...over,
  };
}

const report: RunReport = {
  runId: "20260102-030405-abcd",
  state: "failed",
  startedAt: "2026-01-02T03:04:05.000Z",
  durationMs: 75_000,
  tasks: [
    task({
      dataset: "bronze.shop_orders",
      layer: "bronze",
      action: "extract",
      counts: { read: 1_204_050, published: 1_204_050, rejected: 0, deduplicated: 0 },
    }),
    task({
      dataset: "silver.orders",
      layer: "silver",
      state: "failed",
      action: "merge",
      counts: { read: 5055, published: 5000, rejected: 55, deduplicated: 0 },
      checks: [{ ...check, name: "unique_order_id", success: true, status: "pass" }, check],
      error: {
        code: "quality",
        message: "a check of severity error failed",
        where: "silver.orders",
        hint: "fix the data or the check, then run again",
      },
    }),
    task({ dataset: "silver.customers", layer: "silver", action: "none" }),
    task({ dataset: "gold.sales", layer: "gold", state: "upstream_failed" }),
  ],
};

const input: SummaryInput = {
  report,
  rejects: [
    { dataset: "silver.orders", rule: "negative_total", rows: 31 },
    { dataset: "silver.orders", rule: "invalid_order_date", rows: 24 },
  ],
  kpis: [
    { name: "Net sales", value: "1,234,567.89 EUR" },
    { name: "Orders", value: "12,345" },
  ],
  kpiTables: [
    {
      title: "Top categories",
      query: "kpi/top_categories",
      columns: ["category", "net sales"],
      rows: [
        ["Bikes", "12,345.00"],
        ["Lights", "99.90"],
      ],
      hidden: 3,
    },
  ],
  next: [
    ["shoplake quarantine list", "the rejected rows, with reasons"],
    ["shoplake show gold.sales", "the first rows"],
  ],
};

for (const columns of [undefined, 60] as const)
  test(`summary of a failed run, ${columns ?? "any"} columns`, async () => {
    const lines = renderSummary(input, { columns, color: false, style: styleFor(false) });
    await expect(lines.join("\n")).toMatchFileSnapshot(`../golden/cli/summary-${columns ?? "wide"}.txt`);
  });

test("a run with nothing to do says so in one line", () => {
  const idle = {
    ...report,
    state: "success",
    tasks: [task({ dataset: "silver.a", layer: "silver", action: "none" })],
  };
  const lines = renderSummary(
    { report: idle as RunReport, rejects: [], kpis: [], kpiTables: [], next: [] },
    { columns: 80, color: false, style: styleFor(false) },
  );
  expect(lines).toEqual([
    "Run 20260102-030405-abcd  ✔ success  nothing to do, 1 dataset up to date, 1 min 15 s",
  ]);
});
