/**
 * kill -9 at any moment, then run again: the same tables as without the kill, nothing staged is left (design invariants 2 and 6).
 * Kills hit the run's own process or the engine, at the entry of every step of the life-cycle and a random time after it.
 */
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
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
  await shop.workspace.close();
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

function killedRun(at: { kind: string; nth: number; delay: number; victim: string }): Promise<string> {
  return new Promise((resolve) => {
    const script = join(import.meta.dirname, "killed-run.mjs");
    const child = spawn(
      process.execPath,
      [script, shop.dir, at.kind, String(at.nth), String(at.delay), at.victim],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("close", (code, signal) => resolve(`${code ?? signal} ${output.trim()}`));
  });
}

async function stagedFiles(dir: string, known: ReadonlySet<string>): Promise<readonly string[]> {
  const entries = await readdir(join(dir, ".shoplake/lake"), { recursive: true, withFileTypes: true });
  return entries
    .filter(
      (entry) =>
        entry.isFile() && entry.name.endsWith(".parquet") && !entry.parentPath.includes("_delta_log"),
    )
    .map((entry) => entry.name)
    .filter((name) => !known.has(name));
}

/** Names of all data files that any version of the lake has named. */
async function namedFiles(one: TestShop): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const { lake } = one.workspace;
  for (const dataset of await lake.datasets()) {
    const head = await lake.table(dataset).snapshot();
    for (let version = 0; version <= (head?.version ?? -1); version++) {
      const snapshot = await lake.table(dataset).snapshot(version);
      for (const file of snapshot?.files ?? [])
        names.add(decodeURIComponent(file.path.slice(file.path.lastIndexOf("/") + 1)));
    }
  }
  return names;
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
    };
    const ended = await killedRun(at);
    if (!ended.startsWith("0 success")) killed++;
    if (i % 8 !== 0 && killed < kills) continue;
    await shop.reopen();
    const report = await shop.run();
    expect(
      report.tasks.filter((task) => task.state !== "success").map((task) => [task.dataset, task.error]),
    ).toEqual([]);
    expect(
      await shop.workspace.engine.rows("SELECT name FROM system.tables WHERE database = 'staging'"),
    ).toEqual([]);
    expect(
      await shop.workspace.engine.rows("SELECT name FROM system.databases WHERE startsWith(name, 'run_')"),
    ).toEqual([]);
    expect(await stagedFiles(shop.dir, await namedFiles(shop))).toEqual([]);
    await shop.workspace.close();
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
