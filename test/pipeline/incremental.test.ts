/** Hard cases of incremental runs, one by one: each must give the tables of a full rebuild, without being one. */
import { expect, it } from "vitest";
import { modelDatasets, openShop, shopFiles, type TestShop } from "./shop.ts";

const orders = (...lines: string[]): string =>
  `order_id,version,day,sku,status,amount\n${lines.map((line) => `${line}\n`).join("")}`;
const products = (...lines: string[]): string =>
  `sku,version,category,title\n${lines.map((line) => `${line}\n`).join("")}`;

interface Case {
  readonly title: string;
  /** Delivered after a first run over the files of `start`. */
  readonly news: Readonly<Record<string, string>>;
  /** What the second run does to each dataset; others do not matter. */
  readonly actions: Readonly<Record<string, string>>;
}

const start = {
  "products/p1.csv": products("A,1,books,Alpha", "B,1,toys,Beta"),
  "orders/o1.csv": orders(
    "1,2,2024-01-05,A,paid,10",
    "2,2,2024-01-06,B,paid,20",
    "3,2,2024-02-07,A,paid,30",
    "4,2,2024-03-08,B,open,40",
  ),
};

const cases: readonly Case[] = [
  {
    title: "an update moves a row to another partition",
    news: { "orders/o2.csv": orders("1,3,2024-02-05,A,paid,10") },
    actions: {
      "silver.orders": "merge",
      "gold.sales_by_month": "partitions",
      "gold.sales_by_day": "partitions",
    },
  },
  {
    title: "an update moves the only row of a partition away",
    news: { "orders/o2.csv": orders("3,3,2024-03-20,A,paid,30") },
    actions: { "silver.orders": "merge", "gold.sales_by_day": "partitions" },
  },
  {
    title: "an update takes a row out of the model's WHERE, and the last row of a group with it",
    news: { "orders/o2.csv": orders("3,3,2024-02-07,A,cancelled,30") },
    actions: { "silver.orders": "merge", "gold.sales_by_month": "partitions" },
  },
  {
    title: "an older version of a row arrives after a newer one",
    news: { "orders/o2.csv": orders("2,1,2024-03-01,A,paid,1") },
    actions: { "silver.orders": "merge" },
  },
  {
    title: "a late row for an old month, and a new month",
    news: { "orders/o2.csv": orders("5,1,2024-01-31,A,paid,5", "6,1,2024-04-01,A,paid,6") },
    actions: { "silver.orders": "merge", "gold.sales_by_day": "partitions" },
  },
  {
    title: "a dimension row changes under a LEFT JOIN",
    news: { "products/p2.csv": products("B,2,books,Beta") },
    actions: { "silver.products": "merge", "gold.sales_by_day": "partitions" },
  },
  {
    title: "a corrected file takes rows back",
    news: { "orders/o1.csv": orders("1,2,2024-01-05,A,paid,11", "4,2,2024-03-08,B,open,40") },
    actions: { "silver.orders": "full" },
  },
  {
    title: "two inputs change in one run",
    news: {
      "orders/o2.csv": orders("2,3,2024-02-20,A,paid,20"),
      "products/p2.csv": products("A,2,toys,Alpha"),
    },
    actions: { "silver.orders": "merge", "gold.sales_by_day": "partitions" },
  },
];

const tables = (shop: TestShop): Promise<unknown[]> =>
  Promise.all(modelDatasets.map(async (dataset) => [dataset, await shop.rows(dataset)]));

async function expectFull(shop: TestShop): Promise<void> {
  const incremental = await tables(shop);
  await shop.run({ fullRefresh: true });
  expect(incremental).toEqual(await tables(shop));
}

it.each(cases.map((one) => [one.title, one] as const))("%s", async (_title, { news, actions }) => {
  const shop = await openShop({ ...shopFiles, ...start });
  try {
    await shop.run();
    const before = await tables(shop);
    for (const [file, text] of Object.entries(news)) await shop.put(file, text);
    const report = await shop.run();
    expect(report.state).toBe("success");
    expect(await tables(shop)).not.toEqual(before);
    await expectFull(shop);
    const done = Object.fromEntries(report.tasks.map(({ dataset, action }) => [dataset, action]));
    expect(done).toMatchObject(actions);
  } finally {
    await shop.stop();
  }
});

it("a model that has changed is built anew, also without a new row", async () => {
  const shop = await openShop({ ...shopFiles, ...start });
  try {
    await shop.run();
    await shop.put(
      "models/silver/lines.sql",
      (shopFiles["models/silver/lines.sql"] ?? "").replace("!= 'draft'", "= 'open'"),
    );
    await shop.reopen();
    await shop.run();
    expect(await shop.rows("silver.lines")).toHaveLength(1);
    await expectFull(shop);
  } finally {
    await shop.stop();
  }
});
