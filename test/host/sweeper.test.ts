/** A process that stays removes what killed ones left, and nothing that they published. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSweeper } from "../../src/host/sweeper.ts";
import { openShop, shopFiles, type TestShop } from "../pipeline/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o1.csv":
      "order_id,version,day,sku,status,amount\n1,1,2024-01-05,A,paid,10.00\n2,1,2024-01-05,A,paid,-1\n",
  });
});
afterAll(() => shop.stop());

test("a run that was killed between a publication and its record keeps its rejects", async () => {
  const { host } = shop.project;
  const { state, engine } = host;
  const { runId, startedAt } = await shop.run();
  await state.flush();
  const rejects = () => engine.rows("SELECT id, status FROM ops.quarantine WHERE dataset = 'silver.orders'");
  const before = await rejects();
  expect(before).toHaveLength(1);
  for (const table of ["publications_log", "runs_log"])
    await engine.command(`ALTER TABLE ops.${table} DELETE WHERE run_id = {runId:String}`, {
      params: { runId },
      settings: { mutations_sync: 2 },
    });
  const dead = { owner: "0123456789ab", host: "mars", pid: 7 };
  await state.runs.record({ runId, state: "running", startedAt: new Date(startedAt), ...dead });

  const warnings: string[] = [];
  const sweeper = startSweeper({ ...host, warn: (message) => warnings.push(message) }, 10);
  while ((await state.runs.list({ running: true })).length > 0) await sleep(50);
  await sweeper.stop();
  expect(warnings).toEqual([]);
  expect((await state.publications.list("silver.orders", 1))[0]).toMatchObject({ runId });
  expect(await rejects()).toEqual(before);
});
