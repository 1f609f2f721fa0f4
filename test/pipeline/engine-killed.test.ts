/**
 * The engine is killed at any moment of a full refresh: the run goes on with another engine, succeeds, and the tables are the
 * same. A kill may hit the engine while it starts, while inputs are pinned, while rows are staged or published.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { leftovers } from "./leftovers.ts";
import { modelDatasets, openShop, shopFiles, type TestShop } from "./shop.ts";

const rounds = process.env["SHOPLAKE_FULL"] === "1" ? 60 : 12;
const cli = resolve(import.meta.dirname, "../../dist/cli/main.js");
let shop: TestShop;
beforeAll(async () => {
  const orders = Array.from({ length: 60 }, (_, i) => {
    const day = `2024-0${1 + (i % 4)}-1${i % 10}`;
    return `${i},1,${day},${i % 2 ? "A" : "B"},${i % 3 ? "paid" : "cancelled"},${i}.50\n`;
  });
  shop = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\nB,1,toys,Beta\n",
    "orders/o1.csv": `order_id,version,day,sku,status,amount\n${orders.join("")}`,
  });
});
afterAll(() => shop.stop());

interface Ended {
  readonly code: number | string;
  readonly output: string;
  readonly ms: number;
  readonly killed: boolean;
}

/** A full refresh in a process of its own, whose engine is killed `after` milliseconds of its life. */
async function fullRefresh(after?: number): Promise<Ended> {
  const child = spawn(process.execPath, [cli, "run", "--full-refresh"], {
    cwd: shop.dir,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  const closed = once(child, "close");
  const pid = await engineOf(child);
  const begin = performance.now();
  const killed = after === undefined ? false : sleep(after).then(() => kill(pid));
  const [code, signal] = (await closed) as [number | null, string | null];
  return { code: code ?? signal ?? "", output, ms: performance.now() - begin, killed: await killed };
}

/** The engine that has just taken its lock and is starting; 0 when the run ended without one. */
async function engineOf(run: ChildProcess): Promise<number> {
  while (run.exitCode === null) {
    try {
      const lock = readFileSync(join(shop.dir, ".shoplake/engine.lock"), "utf8");
      const { pid } = JSON.parse(lock) as { pid: number };
      if (readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[3] === String(run.pid)) return pid;
    } catch {
      // not there yet
    }
    await sleep(5);
  }
  return 0;
}

function kill(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

const tables = async () => Promise.all(modelDatasets.map(async (name) => [name, await shop.rows(name)]));

it(`${rounds} full refreshes survive the loss of their engine`, async () => {
  expect((await shop.run()).state).toBe("success");
  const before = await tables();
  await shop.project.close();
  const whole = await fullRefresh();
  expect([whole.code, whole.output]).toEqual([0, expect.any(String)]);
  let killed = 0;
  for (let i = 0; i < rounds; i++) {
    const after = (i / rounds) * 0.8 * whole.ms;
    const ended = await fullRefresh(after);
    if (ended.killed) killed++;
    expect([ended.code, after, ended.code === 0 ? "" : ended.output]).toEqual([0, after, ""]);
  }
  expect(killed).toBeGreaterThan(rounds / 2);
  await shop.reopen();
  expect(await tables()).toEqual(before);
  expect((await shop.run()).state).toBe("success");
  expect(await leftovers(shop)).toEqual([]);
}, 1_200_000);
