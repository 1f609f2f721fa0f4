/** What the checks of a dataset look at before it is published, and what a verdict leads to. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { openShop, shopFiles, type TestShop } from "./shop.ts";

const header = "order_id,version,day,sku,status,amount\n";
const ids = (more: string, sql = "SELECT order_id, status FROM bronze.feed_orders"): string =>
  `/*\ndescription: x\n${more}\n*/\n${sql}`;

let shop: TestShop;
beforeAll(async () => {
  const config = shopFiles["shoplake.config.ts"] ?? "";
  shop = await openShop({
    "shoplake.config.ts": config.replace(/ {4}catalog.*\n/, ""),
    "models/silver/unique_ids.sql": ids("columns: { order_id: { checks: [unique] } }"),
    "models/silver/few.sql": ids("checks: [{ row_count: { max: 2 } }]"),
    "models/silver/warned.sql": ids(
      "columns: { status: { checks: [{ accepted_values: { values: [paid], severity: warn } }] } }",
    ),
    "models/gold/by_status.sql": ids("key: status", "SELECT status, order_id FROM silver.warned"),
    "orders/o1.csv": `${header}1,1,2024-01-05,A,paid,1\n2,1,2024-01-05,A,open,1\n`,
  });
});
afterAll(() => shop.stop());

it("rows that are added are judged together with those that are there", async () => {
  const first = await shop.run();
  expect(first.state).toBe("success");
  await shop.put("orders/o2.csv", `${header}1,2,2024-01-06,A,paid,1\n`);
  const second = await shop.run();
  const states = Object.fromEntries(
    second.tasks.map(({ dataset, state, error }) => [dataset, [state, error?.message]]),
  );
  expect(states).toMatchObject({
    "silver.unique_ids": ["failed", expect.stringContaining("unique_order_id")],
    "silver.few": ["failed", expect.stringContaining("row_count")],
    "silver.warned": ["success", undefined],
    "gold.by_status": ["failed", expect.stringContaining("unique_status")],
  });
  expect(await shop.rows("silver.unique_ids")).toEqual(["('1','paid')", "('2','open')"]);
  expect(await shop.rows("silver.few")).toHaveLength(2);
  expect(await shop.rows("silver.warned")).toHaveLength(3);
  expect(await shop.rows("gold.by_status")).toEqual(["('1','paid')", "('2','open')"]);
});
