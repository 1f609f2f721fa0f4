/** One full run of the shop is what the generator knows about it: every KPI, every reject, every warning, every row count. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { simulate } from "../../src/generator/simulate.ts";
import type { RunReport } from "../../src/pipeline/index.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";
import {
  type CommerceShop,
  expectSuccess,
  expectTruth,
  openCommerce,
  wantedWarnings,
  warningsOf,
} from "./shop.ts";

const available = await testPostgres();
await available?.stop();
const scales = process.env["SHOPLAKE_FULL"] === "1" ? [0.01, 0.1, 1] : [0.01, 0.1];

describe.skipIf(available === undefined).each(scales)("at scale %d", (scale) => {
  let postgres: TestPostgres;
  let shop: CommerceShop;
  let report: RunReport;
  beforeAll(async () => {
    postgres = (await testPostgres()) as TestPostgres;
    shop = await openCommerce(postgres, { scale, seed: 42, until: "2026-06-30", faults: 5 });
    report = await shop.run();
  }, 900_000);
  afterAll(async () => {
    await shop?.stop();
    await postgres?.stop();
  });

  it("the run is good and its counts reconcile", () => expectSuccess(report));

  it("platform and truth agree", () => expectTruth(shop), 300_000);

  it("what is odd and stays is reported, each under its own name", () => {
    expect(warningsOf(report)).toEqual(wantedWarnings(shop.truth()));
  });

  it("the facts reconcile with each other", async () => {
    const [sums] = await shop.rows(`SELECT
      (SELECT sum(total_revenue) FROM gold.fact_daily_sales) AS by_day,
      (SELECT sum(revenue) FROM gold.fact_order_lines WHERE is_counted) AS by_line,
      (SELECT sum(net_amount) FROM gold.fact_customer_orders WHERE is_counted) AS by_order,
      (SELECT sum(net_amount - lines.revenue) FROM gold.fact_customer_orders AS o
        INNER JOIN (SELECT order_id, sum(revenue) AS revenue FROM gold.fact_order_lines GROUP BY order_id) AS lines ON lines.order_id = o.order_id WHERE is_counted) AS in_rejected_lines,
      (SELECT sum(net_amount) FROM gold.fact_customer_orders WHERE is_counted AND order_id NOT IN (SELECT order_id FROM gold.fact_order_lines)) AS without_lines,
      (SELECT countIf(unexplained_stock != 0) FROM gold.agg_inventory_status) AS products_off`);
    const number = (name: string) => Number(sums?.[name]);
    expect(number("by_day")).toBe(number("by_line"));
    // Orders and lines differ by what stands in rejected lines, and by nothing else.
    expect(number("by_order") - number("by_line")).toBeCloseTo(
      number("in_rejected_lines") + number("without_lines"),
      4,
    );
    // Stock is explained by its movements, but where a movement was rejected or names another product.
    const faulty = [...simulate(shop.plan).moves()].filter(({ fault }) => fault !== undefined);
    const rejected = faulty.filter(({ fault }) => fault === "wrong_sign").map(({ productId }) => productId);
    const misnamed = faulty.length - rejected.length;
    expect(number("products_off")).toBeGreaterThanOrEqual(new Set(rejected).size);
    expect(number("products_off")).toBeLessThanOrEqual(new Set(rejected).size + misnamed);
  });

  it("a second run has nothing to do", async () => {
    const again = await shop.run();
    expectSuccess(again);
    expect(again.tasks.filter(({ counts }) => counts.published + counts.rejected > 0)).toEqual([]);
  });
});
