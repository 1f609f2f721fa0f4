/**
 * Runs, replays, compaction, vacuum and queries on one dataset at once, from two other processes, one of which is killed: the
 * published version can always be read, whole; nothing staged is lost or left; every row is accounted for.
 * 20 rounds; 200 with SHOPLAKE_FULL=1; SHOPLAKE_ROUNDS and SHOPLAKE_SEED choose others.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { leftovers } from "../pipeline/leftovers.ts";
import { openShop, type TestShop } from "../pipeline/shop.ts";

const full = process.env["SHOPLAKE_FULL"] === "1";
const rounds = Number(process.env["SHOPLAKE_ROUNDS"] ?? (full ? 200 : 20));
let seed = Number(process.env["SHOPLAKE_SEED"] ?? 7);
const script = join(import.meta.dirname, "together-child.mjs");
const actions = ["run", "maintain", "vacuum", "replay"] as const;
const datasets = ["bronze.feed_orders", "silver.orders"] as const;

let shop: TestShop;
beforeAll(async () => {
  shop = await openShop({
    "orders/o0.csv": "order_id,version,amount\n0,1,1.00\n",
    "shoplake.config.ts": `import { defineProject, files } from "shoplake";
export default defineProject({
  name: "together", concurrency: 2, retries: { attempts: 3, delayMs: 10 },
  sources: { feed: files({ path: "orders/*.csv", format: "csv", table: "orders" }) },
});`,
    "models/silver/orders.sql": `/*
description: One row per order.
key: order_id
newest_by: [version, _file]
columns:
  version: { type: Int32 }
  amount: { type: "Decimal(18, 2)" }
reject:
  negative_amount: amount < 0
*/
SELECT order_id, version, amount, _file, _row FROM bronze.feed_orders`,
    "models/gold/total.sql": `/*
description: The sum of all orders.
key: n
*/
SELECT 1 AS n, count() AS orders, sum(amount) AS amount FROM silver.orders`,
  });
});
afterAll(() => shop?.stop());

function random(below: number): number {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor((seed / 2147483648) * below);
}

interface Ended {
  readonly killed: boolean;
  /** Errors that it told. */
  readonly errors: readonly { readonly code: string; readonly message: string }[];
}

function child(action: string, killAfter: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, [script, shop.dir, action, String(killAfter)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    process_.stdout.on("data", (data) => (output += data));
    process_.on("close", (code, signal) => {
      const lines = output.split("\n").filter((line) => line !== "");
      const said = lines.map((line) => JSON.parse(line) as Ended["errors"][number] | "done");
      if (signal === "SIGKILL" || said.at(-1) === "done")
        resolve({ killed: signal === "SIGKILL", errors: said.filter((line) => line !== "done") });
      else reject(new Error(`${action} ended with ${code ?? signal}: ${output}`));
    });
  });
}

/** Reads until told to stop; a version that was replaced and vacuumed meanwhile may be gone, the newest may not. */
async function readAll(until: { done: boolean }): Promise<{ reads: number; replaced: number }> {
  const seen = { reads: 0, replaced: 0 };
  while (!until.done)
    for (const dataset of datasets) {
      const table = shop.project.host.lake.table(dataset);
      const snapshot = await table.snapshot();
      if (snapshot === undefined) continue;
      const rows = snapshot.files.reduce((sum, file) => sum + (file.rows ?? Number.NaN), 0);
      try {
        const sql = `SELECT count() AS n FROM (SELECT * FROM ${table.read(snapshot)})`;
        const [found] = await shop.project.host.engine.rows<{ n: string }>(sql);
        expect([dataset, snapshot.version, Number(found?.n)]).toEqual([dataset, snapshot.version, rows]);
        seen.reads++;
      } catch (error) {
        const now = await table.snapshot();
        if (now?.version === snapshot.version) throw error;
        seen.replaced++;
      }
    }
  return seen;
}

/** Only what an honest race may say: the input was replaced and vacuumed, or another writer was faster. */
const honest =
  /data file of this version is missing|FILE_DOESNT_EXIST|vacuum deletes|another writer was faster|Another run published|was staged on/;

async function numbers(sql: string): Promise<readonly number[]> {
  const [row] = await shop.project.host.engine.rows<Record<string, string>>(sql);
  return Object.values(row ?? {}).map(Number);
}

test(`${rounds} rounds of writers at once, one of them killed`, async () => {
  expect((await shop.run()).state).toBe("success");
  let orders = 1;
  let rejects = 0;
  let killed = 0;
  const seen = { reads: 0, replaced: 0 };
  for (let round = 1; round <= rounds; round++) {
    for (let file = 0; file < 2; file++) {
      const bad = random(3);
      const lines = Array.from({ length: 3 }, (_, i) => `${round}-${file}-${i},1,${i < bad ? -1 : 2}.00`);
      await shop.put(`orders/o${round}-${file}.csv`, `order_id,version,amount\n${lines.join("\n")}\n`);
      orders += 3 - bad;
      rejects += bad;
    }
    const [one, other] = [actions[random(2)] ?? "run", actions[random(4)] ?? "run"];
    const until = { done: false };
    const reading = readAll(until);
    const ended = await Promise.all([child(one, 0), child(other, 1 + random(700))]).finally(() => {
      until.done = true;
    });
    const read = await reading;
    seen.reads += read.reads;
    seen.replaced += read.replaced;
    killed += ended.filter((end) => end.killed).length;
    const dishonest = ended.flatMap(({ errors }) => errors).filter(({ message }) => !honest.test(message));
    expect(dishonest, `round ${round}: ${one} and ${other}`).toEqual([]);

    const report = await shop.run();
    expect(report.tasks.map(({ error }) => error).filter((error) => error !== undefined)).toEqual([]);
    for (const dataset of datasets) {
      const snapshot = await shop.project.host.lake.table(dataset).snapshot();
      if (snapshot !== undefined) await shop.project.host.lake.table(dataset).requireFiles(snapshot);
    }
    expect(await numbers("SELECT count() AS n, uniqExact(order_id) AS u FROM silver.orders")).toEqual([
      orders,
      orders,
    ]);
    expect(await numbers("SELECT orders FROM gold.total")).toEqual([orders]);
    const open =
      "SELECT count() AS n FROM ops.quarantine WHERE dataset = 'silver.orders' AND status = 'open'";
    expect(await numbers(open), `round ${round}: ${one} and ${other}`).toEqual([rejects]);
    const lost = `SELECT count() AS n FROM ops.publications
      WHERE rows_read != rows_published + rows_rejected + rows_deduplicated`;
    expect(await numbers(lost)).toEqual([0]);
    expect(await leftovers(shop), `round ${round}: ${one} and ${other}`).toEqual([]);
  }
  expect(seen.reads).toBeGreaterThan(rounds);
  if (rounds >= 20) expect(killed).toBeGreaterThan(rounds / 4);
}, 3_600_000);
