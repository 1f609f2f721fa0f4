import { afterAll, beforeAll, expect, it } from "vitest";
import { openShop, shopFiles, type TestShop } from "./shop.ts";

const header = "order_id,version,day,sku,status,amount\n";
let shop: TestShop;
beforeAll(async () => {
  shop = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o1.csv": `${header}1,1,2024-01-05,A,paid,10.00\n2,1,2024-02-05,A,paid,20.00\n`,
  });
  await shop.run();
});
afterAll(() => shop.stop());

it("rebuilds the partitions of an interval, and leaves the others to be found stale later", async () => {
  await shop.put("orders/o2.csv", `${header}3,1,2024-01-06,A,paid,1\n4,1,2024-02-06,A,paid,2\n`);
  await shop.run({ select: ["bronze", "silver"] });
  const report = await shop.run({
    select: ["gold.sales_by_month"],
    intervalStart: "2024-02-10",
    intervalEnd: "2024-02-20",
  });
  expect(report.tasks.map((task) => [task.state, task.action])).toEqual([["success", "partitions"]]);
  expect(await shop.rows("gold.sales_by_month")).toEqual([
    "('books','2024-01-01',1,10)",
    "('books','2024-02-01',2,22)",
  ]);
  await shop.run();
  expect(await shop.rows("gold.sales_by_month")).toEqual([
    "('books','2024-01-01',2,11)",
    "('books','2024-02-01',2,22)",
  ]);
});
