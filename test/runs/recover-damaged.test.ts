/** A dataset whose log is damaged stops itself and what reads it, not the rest of the project. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { livingOwners } from "../../src/runs/liveness.ts";
import { recover } from "../../src/runs/recover.ts";
import { openShop, shopFiles, type TestShop } from "../pipeline/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o1.csv": "order_id,version,day,sku,status,amount\n1,1,2024-01-05,A,paid,10.00\n",
  });
  expect((await shop.run()).state).toBe("success");
  await shop.reopen(() =>
    shop.put(".shoplake/lake/bronze/catalog_products/_delta_log/00000000000000000000.json", "{ no JSON\n"),
  );
});
afterAll(() => shop.stop());

const running = async () => (await shop.project.host.state.runs.list({ running: true })).length;

test("what does not read it runs; nothing is swept, for nobody knows what dead runs published of it", async () => {
  const { host } = shop.project;
  const dead = { owner: "0123456789ab", host: "mars", pid: 7 };
  await host.state.runs.record({ runId: "dead", state: "running", startedAt: new Date(), ...dead });
  await shop.put("orders/o2.csv", "order_id,version,day,sku,status,amount\n2,1,2024-01-06,A,paid,1.00\n");
  const run = shop.run({ select: ["bronze.feed_orders", "silver.orders"] });
  await expect(run).resolves.toMatchObject({ state: "success" });
  expect(await shop.rows("silver.orders")).toHaveLength(2);
  expect(await running()).toBe(1);
  const [itself] = (await shop.run({ select: ["bronze.catalog_products"] })).tasks;
  expect(itself).toMatchObject({ state: "failed", error: { code: "lake" } });
});

test("a store that fails is told at once", async () => {
  const { host } = shop.project;
  const table = (name: string) => ({
    ...host.lake.table(name),
    snapshot: () => Promise.reject(new Error("no answer")),
  });
  const failing = { ...host, lake: { ...host.lake, table } };
  await expect(recover(failing, livingOwners(host))).rejects.toThrow("no answer");
});
