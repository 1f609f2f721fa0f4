import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, shopFiles, type TestShop } from "../pipeline/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\nB,1,toys,Beta\n",
    "orders/o1.csv":
      "order_id,version,day,sku,status,amount\n1,1,2024-01-05,A,paid,10.00\n2,1,2024-02-05,B,paid,20.00\n3,1,2024-02-06,A,paid,-5\n4,1,not a day,A,paid,1\n",
  });
});
afterAll(() => shop.stop());

const states = (report: Awaited<ReturnType<TestShop["run"]>>): Record<string, string> =>
  Object.fromEntries(report.tasks.map((task) => [task.dataset, `${task.state} ${task.action}`]));

describe("a run", () => {
  it("publishes everything, sends broken rows to quarantine, and counts every row", async () => {
    const report = await shop.run();
    expect(report.state).toBe("success");
    const orders = report.tasks.find((task) => task.dataset === "silver.orders");
    expect(orders?.counts).toEqual({ read: 4, published: 2, rejected: 2, deduplicated: 0 });
    expect(await shop.rows("gold.sales_by_month")).toEqual([
      "('books','2024-01-01',1,10)",
      "('toys','2024-02-01',1,20)",
    ]);
    const rejects = await shop.project.host.engine.rows(
      "SELECT rule, key FROM ops.quarantine WHERE dataset = 'silver.orders' ORDER BY rule",
    );
    expect(rejects).toEqual([
      { rule: "invalid_day", key: "order_id=4" },
      { rule: "negative_amount", key: "order_id=3" },
    ]);
  });

  it("does nothing the second time", async () => {
    const before = await shop.project.host.lake.table("silver.orders").snapshot();
    const report = await shop.run();
    expect(new Set(Object.values(states(report)))).toEqual(new Set(["success none"]));
    expect((await shop.project.host.lake.table("silver.orders").snapshot())?.version).toBe(before?.version);
  });

  it("rebuilds only what new rows touch", async () => {
    await shop.put(
      "orders/o2.csv",
      "order_id,version,day,sku,status,amount\n2,2,2024-02-05,B,cancelled,20.00\n5,1,2024-02-07,A,paid,7\n",
    );
    const report = await shop.run();
    expect(states(report)).toMatchObject({
      "silver.orders": "success merge",
      "silver.lines": "success append",
      "gold.sales_by_month": "success partitions",
    });
    const months = report.tasks.find((task) => task.dataset === "gold.sales_by_month");
    expect(months?.reason).toMatch(/^1 partition, /);
    expect(await shop.rows("gold.sales_by_month")).toEqual([
      "('books','2024-01-01',1,10)",
      "('books','2024-02-01',1,7)",
    ]);
  });

  it("stops at a failed check and leaves the last good version", async () => {
    await shop.put(
      "models/gold/ranked.sql",
      "/*\ndescription: x\nkey: month\nchecks: [{ row_count: { min: 99 } }]\n*/\nSELECT toStartOfMonth(day) AS month, max(amount) AS largest FROM silver.orders GROUP BY month",
    );
    await shop.put("models/gold/after.sql", "/*\ndescription: x\n*/\nSELECT month FROM gold.ranked");
    const before = await shop.rows("gold.ranked");
    await shop.reopen();
    const report = await shop.run();
    expect(report.state).toBe("failed");
    expect(states(report)).toMatchObject({
      "gold.ranked": "failed full",
      "gold.after": "upstream_failed full",
    });
    expect(await shop.rows("gold.ranked")).toEqual(before);
    expect(report.tasks.find((task) => task.dataset === "gold.ranked")?.error?.message).toContain(
      "row_count",
    );
    expect(
      await shop.project.host.engine.rows("SELECT name FROM system.tables WHERE database = 'staging'"),
    ).toEqual([]);
  });
});
