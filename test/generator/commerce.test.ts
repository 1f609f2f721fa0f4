/** The commerce template on a generated shop: what PostgreSQL computes by itself is what comes out, and every fault is found. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countFaults } from "../../src/generator/fault-list.ts";
import { shopPlan } from "../../src/generator/plan.ts";
import { loadPostgres } from "../../src/generator/postgres/load.ts";
import { simulate } from "../../src/generator/simulate.ts";
import { createPlan, type RunReport, runPlan, type Workspace } from "../../src/pipeline/index.ts";
import { openWorkspace } from "../../src/workspace.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";

const postgres = await testPostgres();

describe.skipIf(postgres === undefined)("the commerce template", () => {
  const pg = postgres as TestPostgres;
  const plan = shopPlan({ until: "2026-06-29", scale: 0.002, faults: 5 });
  let folder: string;
  let workspace: Workspace;
  let report: RunReport;
  const run = async () => runPlan(workspace, await createPlan(workspace, {}));
  const inPostgres = async (sql: string) => (await pg.client.query(sql)).rows as Record<string, unknown>[];
  const query = (name: string) => {
    const found = workspace.project.queries.find((each) => each.name === `kpi/${name}`);
    const params = Object.entries(found?.parameters ?? {}).map(([key, { default: value }]) => [
      key,
      value ?? "",
    ]);
    return workspace.engine.rows<Record<string, unknown>>(found?.sql ?? "", {
      params: Object.fromEntries(params),
    });
  };

  beforeAll(async () => {
    await loadPostgres(pg.url, plan);
    folder = await mkdtemp(join(tmpdir(), "shoplake-commerce-"));
    await cp(new URL("../../templates/commerce", import.meta.url).pathname, folder, { recursive: true });
    workspace = await openWorkspace({
      dir: folder,
      env: { ...process.env, SHOP_DATABASE_URL: pg.url },
      clock: () => new Date("2026-07-01T00:00:00Z"),
    });
    report = await run();
  });
  afterAll(async () => {
    await workspace?.close();
    await pg.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("runs, and its counts reconcile", () => {
    expect(report.state).toBe("success");
    for (const { counts } of report.tasks)
      expect(counts.read).toBe(counts.published + counts.rejected + counts.deduplicated);
  });

  it("rejects or warns about exactly the rows that are bad on purpose", async () => {
    const rejected = await workspace.engine.rows<{ rule: string; n: string }>(
      "SELECT concat(replaceOne(dataset, 'silver.', ''), '.', rule) AS rule, count() AS n FROM ops.quarantine GROUP BY rule",
    );
    const warned = Object.fromEntries(
      report.tasks.flatMap(({ checks }) => checks.map((check) => [check.name, check.unexpected_count])),
    );
    const faults = countFaults(simulate(plan));
    expect(Object.fromEntries(rejected.map(({ rule, n }) => [rule, Number(n)]))).toEqual({
      "customers.invalid_email": faults["customers.invalid_email"],
      "customers.future_registration": faults["customers.future_registration"],
      "orders.negative_total": faults["orders.negative_total"],
      "orders.fulfilled_too_early": faults["orders.fulfilled_too_early"],
      "order_items.wrong_line_total": faults["order_items.wrong_line_total"],
    });
    expect(warned["unique_email"]).toBe(faults["customers.duplicate_email"]);
    expect(warned["checks/products_sold_below_cost"]).toBe(faults["products.price_below_cost"]);
  });

  const goodOrders = `orders WHERE order_status <> 'Cancelled' AND total_amount >= 0
    AND (fulfillment_date IS NULL OR fulfillment_date >= order_date)`;

  it("gives the average order value and the repeat rate that PostgreSQL gives", async () => {
    const [order] =
      await inPostgres(`SELECT count(*)::text AS orders, sum(total_amount - tax_amount - shipping_cost)::text AS sales_after_discount,
      round(sum(total_amount - tax_amount - shipping_cost) / count(*), 2)::text AS average_order_value FROM ${goodOrders}`);
    expect(await query("average_order_value")).toMatchObject([order as object]);
    const [repeat] =
      await inPostgres(`SELECT count(*)::text AS customers_with_orders, count(*) FILTER (WHERE n >= 2)::text AS repeat_customers
      FROM (SELECT customer_id, count(*) AS n FROM ${goodOrders} GROUP BY customer_id) t`);
    expect(await query("repeat_purchase_rate")).toMatchObject([repeat as object]);
  });

  it("gives the monthly revenue that PostgreSQL gives, by days of the reporting timezone", async () => {
    const months =
      await inPostgres(`SELECT to_char(date_trunc('month', order_date AT TIME ZONE 'Europe/Berlin'), 'YYYY-MM-DD') AS month,
        sum(i.quantity * i.unit_price) AS gross_sales,
        sum(i.line_total) - coalesce(sum(i.line_total) FILTER (WHERE return_status = 'Completed'), 0) AS net_sales
      FROM order_items i JOIN (SELECT * FROM ${goodOrders}) o USING (order_id)
      WHERE abs(line_total - round(unit_price * quantity * (100 - discount_percentage) / 100, 2)) <= 0.01
      GROUP BY 1 ORDER BY 1`);
    const ours = await query("revenue_by_month");
    expect(
      ours.map(({ month, gross_sales, net_sales }) => [month, Number(gross_sales), Number(net_sales)]),
    ).toEqual(
      months.map(({ month, gross_sales, net_sales }) => [month, Number(gross_sales), Number(net_sales)]),
    );
    expect(ours.length).toBeGreaterThan(20);
  });

  it("answers every KPI, also over other currencies that have no rows", async () => {
    const categories = await query("top_categories");
    expect(categories.map(({ category }) => category).sort()).toEqual([
      "Books",
      "Clothing",
      "Electronics",
      "Home & Garden",
      "Sports",
    ]);
    expect((await query("orders_by_status")).length).toBeGreaterThan(2);
    for (const { sql, name, parameters } of workspace.project.queries) {
      const params = Object.fromEntries(
        Object.entries(parameters).map(([key, { default: value }]) => [key, value ?? ""]),
      );
      const rows = await workspace.engine.rows(sql, {
        params: { ...params, ...("currency" in params && { currency: "XXX" }) },
      });
      expect(rows.length, name).toBeLessThanOrEqual(1);
    }
  });

  it("takes a change in the shop through to gold, and nothing when there is none", async () => {
    await pg.client.query(
      "UPDATE orders SET order_status = 'Cancelled', fulfillment_date = NULL, updated_at = '2026-06-30 12:00:00+00' WHERE order_id = 3",
    );
    const before = (await query("average_order_value"))[0];
    const second = await run();
    expect(second.state).toBe("success");
    const after = (await query("average_order_value"))[0];
    expect(Number(after?.["orders"])).toBe(Number(before?.["orders"]) - 1);
    const third = await run();
    expect(third.tasks.flatMap(({ counts }) => [counts.published, counts.rejected])).toEqual(
      third.tasks.flatMap(() => [0, 0]),
    );
  });

  it("goes on when a column of the shop gets wider", async () => {
    const total = async () =>
      (
        await workspace.engine.rows("SELECT sum(quantity) AS units, count() AS lines FROM silver.order_items")
      )[0];
    const before = await total();
    await pg.client.query("ALTER TABLE order_items ALTER COLUMN quantity TYPE bigint");
    const { state } = await run();
    expect(state).toBe("success");
    expect(await total()).toEqual(before);
    expect(
      await workspace.engine.rows("SELECT toTypeName(any(quantity)) AS type FROM bronze.shop_order_items"),
    ).toEqual([{ type: "Int64" }]);
  });
});
