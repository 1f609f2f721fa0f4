/**
 * kill -9 at any moment, then run again: the same tables as without the kill, nothing staged is left (design invariants 2 and 6).
 * Kills hit the run's own process or the engine, at the entry of every step of the life-cycle and a random time after it.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { killedRun } from "./killed.ts";
import { leftovers } from "./leftovers.ts";
import { copyShop, modelDatasets as datasets, openShop, shopFiles, type TestShop } from "./shop.ts";

const kills = process.env["CI"] === "true" ? 104 : 16;
const kinds = ["start", "step:plan", "step:stage", "step:audit", "step:publish", "step:record"];
let shop: TestShop;
beforeAll(async () => {
  shop = await openShop({
    ...shopFiles,
    "products/p0.csv": "sku,version,category,title\nA,1,books,a\nB,1,toys,b\n",
    "orders/o0.csv": ordersFile(0),
  });
  await shop.project.close();
});
afterAll(() => shop.stop());

/** Mulberry32: a small generator with a seed, so that every run of the test kills at the same places. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function ordersFile(n: number): string {
  const next = random(n + 1);
  const rows = Array.from({ length: 5 }, (_, i) => {
    const day = `2024-0${1 + Math.floor(next() * 4)}-1${Math.floor(next() * 9)}`;
    return `${Math.floor(next() * 40)},${n},${next() < 0.1 ? "no day" : day},${next() < 0.5 ? "A" : "B"},${i % 2 ? "paid" : "open"},${(next() * 100).toFixed(2)}\n`;
  });
  return `order_id,version,day,sku,status,amount\n${rows.join("")}`;
}

it(`${kills} kills change nothing`, async () => {
  const next = random(42);
  let killed = 0;
  for (let i = 1; killed < kills; i++) {
    await shop.put(`orders/o${i}.csv`, ordersFile(i));
    if (i % 7 === 0) await shop.put(`orders/o${i - 3}.csv`, ordersFile(i + 1000));
    const at = {
      kind: kinds[i % kinds.length] ?? "start",
      nth: 1 + Math.floor(next() * 6),
      delay: next() < 0.5 ? 0 : Math.floor(next() * 60),
      victim: next() < 0.2 ? "engine" : "self",
    } as const;
    const ended = await killedRun(shop.dir, at);
    if (!ended.startsWith("0 success")) killed++;
    if (i % 8 !== 0 && killed < kills) continue;
    await shop.reopen();
    const report = await shop.run();
    expect(
      report.tasks.filter((task) => task.state !== "success").map((task) => [task.dataset, task.error]),
    ).toEqual([]);
    expect(await leftovers(shop)).toEqual([]);
    await shop.project.close();
  }
  await shop.reopen();
  const whole = await copyShop(shop.dir);
  try {
    await whole.run();
    for (const dataset of datasets)
      expect([dataset, await shop.rows(dataset)]).toEqual([dataset, await whole.rows(dataset)]);
  } finally {
    await whole.stop();
  }
}, 1_200_000);
