/** kill -9 at the steps where something is half done: what the next run must bring to its end, or take away. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { killedRun } from "./killed.ts";
import { dataFiles, leftovers } from "./leftovers.ts";
import { copyShop, modelDatasets, openShop, shopFiles, type TestShop } from "./shop.ts";

const header = "order_id,version,day,sku,status,amount\n";
let shop: TestShop;
beforeEach(async () => {
  shop = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o1.csv": `${header}1,1,2024-01-05,A,paid,10.00\n`,
  });
  await shop.run();
  await shop.put("orders/o2.csv", `${header}1,2,2024-02-05,A,paid,20.00\n2,1,no day,A,paid,1\n`);
  await shop.project.close();
});
afterEach(() => shop.stop());

async function killAt(step: string): Promise<void> {
  expect(await killedRun(shop.dir, { kind: `step:${step}`, nth: 1, delay: 0, victim: "self" })).toBe(
    "SIGKILL",
  );
}

async function runAgain(): Promise<void> {
  await shop.reopen();
  const report = await shop.run();
  expect(report.tasks.filter((task) => task.state !== "success")).toEqual([]);
}

async function expectTablesOfAFullBuild(): Promise<void> {
  const whole = await copyShop(shop.dir);
  try {
    await whole.run();
    for (const dataset of modelDatasets)
      expect([dataset, await shop.rows(dataset)]).toEqual([dataset, await whole.rows(dataset)]);
  } finally {
    await whole.stop();
  }
}

const ask = (sql: string) => shop.project.host.engine.rows(sql);

it("while rows of the lake are staged: they are taken away, with their rejects", async () => {
  const before = (await dataFiles(shop.dir)).length;
  await killAt("publish:silver.orders");
  expect((await dataFiles(shop.dir)).length).toBeGreaterThan(before);
  await shop.reopen();
  expect(await ask("SELECT count() AS n FROM ops.quarantine_log WHERE dataset = 'silver.orders'")).toEqual([
    { n: "1" },
  ]);
  await runAgain();
  expect(await leftovers(shop)).toEqual([]);
  expect(
    await ask(
      "SELECT rule, attempts, occurrences, status FROM ops.quarantine WHERE dataset = 'silver.orders'",
    ),
  ).toEqual([{ rule: "invalid_day", attempts: "1", occurrences: "1", status: "open" }]);
  expect(await ask("SELECT count() AS n FROM ops.quarantine_log WHERE dataset = 'silver.orders'")).toEqual([
    { n: "1" },
  ]);
  expect(await ask("SELECT state, count() AS n FROM ops.runs GROUP BY state ORDER BY state")).toEqual([
    { state: "failed", n: "1" },
    { state: "success", n: "2" },
  ]);
  await expectTablesOfAFullBuild();
});

it("while a gold table is staged: it is dropped", async () => {
  await killAt("publish:gold.sales_by_month");
  await shop.reopen();
  expect((await leftovers(shop)).filter((name) => name.startsWith("staging.sales_by_month@"))).toHaveLength(
    1,
  );
  await runAgain();
  expect(await leftovers(shop)).toEqual([]);
  await expectTablesOfAFullBuild();
});

it.each(["bronze.feed_orders", "silver.orders", "gold.sales_by_month"])(
  "between the publication of %s and its record: the next run records it, and publishes nothing twice",
  async (dataset) => {
    await killAt(`record:${dataset}`);
    await shop.reopen();
    const versions = (): Promise<unknown[]> =>
      ask(
        `SELECT count() AS publications, countIf(rows_read != rows_published + rows_rejected + rows_deduplicated) AS wrong
         FROM ops.publications WHERE dataset = '${dataset}'`,
      );
    expect(await versions()).toEqual([{ publications: "1", wrong: "0" }]);
    await runAgain();
    expect(await versions()).toEqual([{ publications: "2", wrong: "0" }]);
    expect(await ask("SELECT dataset, status FROM ops.quarantine WHERE dataset = 'silver.orders'")).toEqual([
      { dataset: "silver.orders", status: "open" },
    ]);
    expect(await leftovers(shop)).toEqual([]);
    await expectTablesOfAFullBuild();
  },
);

it("while another process owns the engine: the views of its inputs are dropped too", async () => {
  await shop.reopen();
  await killAt("publish:silver.orders");
  expect((await leftovers(shop)).filter((name) => name.startsWith("run_"))).not.toEqual([]);
  const report = await shop.run();
  expect(report.state).toBe("success");
  expect(await leftovers(shop)).toEqual([]);
});
