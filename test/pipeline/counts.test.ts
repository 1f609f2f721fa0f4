/** read = published + rejected + deduplicated: reported, stored and equal to what is there, for every way of staging. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Staging, writeExactly } from "../../src/pipeline/model/staging.ts";
import type { Decision } from "../../src/pipeline/plan/decide.ts";
import { runDetail } from "../../src/state/state.ts";
import { openShop, shopFiles, type TestShop } from "./shop.ts";

const header = "order_id,version,day,sku,status,amount\n";
let shop: TestShop;
beforeAll(async () => {
  shop = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o1.csv": `${header}1,2,2024-01-05,A,paid,10.00\n1,1,2024-01-05,A,paid,9\n2,1,2024-01-05,A,paid,-1\nshort\n`,
  });
});
afterAll(() => shop.stop());

const counted = (read: number, published: number, rejected: number, deduplicated: number) => ({
  read,
  published,
  rejected,
  deduplicated,
});

it("every task says and stores what became of each row it read", async () => {
  const first = await shop.run();
  const of = (report: typeof first) =>
    Object.fromEntries(report.tasks.map(({ dataset, counts }) => [dataset, counts]));
  expect(of(first)).toMatchObject({
    "bronze.feed_orders": counted(4, 3, 1, 0),
    "silver.orders": counted(3, 1, 1, 1),
    "silver.lines": counted(3, 3, 0, 0),
    "gold.sales_by_day": counted(1, 1, 0, 0),
  });
  await shop.put(
    "orders/o2.csv",
    `${header}1,3,2024-01-05,A,paid,11\n1,1,2024-01-05,A,paid,8\n3,1,no day,A,paid,1\n4,1,2024-02-05,A,paid,1\n`,
  );
  const second = await shop.run();
  expect(of(second)).toMatchObject({
    "bronze.feed_orders": counted(4, 4, 0, 0),
    "silver.orders": counted(4, 2, 1, 1),
  });
  await shop.project.host.state.flush();
  for (const report of [first, second]) {
    const detail = await runDetail(shop.project.host.state, report.runId);
    const stored = Object.fromEntries((detail?.tasks ?? []).map(({ dataset, counts }) => [dataset, counts]));
    expect(stored).toEqual(of(report));
    for (const { read, published, rejected, deduplicated } of Object.values(of(report)))
      expect(read).toBe(published + rejected + deduplicated);
  }
  const publications = await shop.project.host.engine.rows(
    "SELECT rows_read AS read, rows_published AS published, rows_rejected AS rejected, rows_deduplicated AS deduplicated FROM ops.publications WHERE dataset = 'silver.orders' ORDER BY version",
  );
  expect(publications).toEqual([
    { read: "3", published: "1", rejected: "1", deduplicated: "1" },
    { read: "4", published: "2", rejected: "1", deduplicated: "1" },
  ]);
});

it("another number of rows than was worked out is not kept", async () => {
  let discarded = 0;
  const staging = {
    model: { dataset: "silver.orders", schema: [] },
    decision: { action: "merge", record: { inputs: {}, fingerprint: 1 } } as unknown as Decision,
    target: {
      stage: async () => ({ written: 3, discard: async () => void discarded++ }),
    },
  } as unknown as Staging;
  const write = (expected: number) => writeExactly(staging, { select: "", replaces: "all", expected });
  expect((await write(3)).written).toBe(3);
  await expect(write(4)).rejects.toMatchObject({ code: "internal", message: /rows do not reconcile/ });
  expect(discarded).toBe(1);
});
