/** A person restores the lake of last night: the same version numbers come back with other rows. */
import { cpSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Finished, shoplake } from "./process.ts";
import { writeSmallShop } from "./small-shop.ts";

const shop = writeSmallShop();
const lake = join(shop.dir, ".shoplake/lake");
const backup = join(shop.dir, "lake.bak");
afterAll(() => shop.remove());

const cli = (...args: readonly string[]): Promise<Finished> =>
  shoplake(args, { cwd: shop.dir, timeoutMs: 120_000 });

function arrives(file: string, rows: readonly string[]): void {
  writeFileSync(
    join(shop.dir, "inbox", file),
    `order_id,customer,total,ordered_at\n${rows.map((row) => `${row}\n`).join("")}`,
  );
}

const sums =
  "SELECT (SELECT sum(total) FROM silver.orders) AS silver, (SELECT sum(revenue) FROM gold.daily_sales) AS gold";

beforeAll(async () => {
  expect((await cli("run")).code).toBe(0);
  cpSync(lake, backup, { recursive: true, preserveTimestamps: true });
  arrives("b.csv", ["71,x,1.00,2026-05-01 10:00:00"]);
  expect((await cli("run")).code).toBe(0);
  rmSync(lake, { recursive: true });
  renameSync(backup, lake);
});

test("before a run, reading says that rows are missing instead of showing a part", async () => {
  const { code, stderr } = await cli("query", "SELECT sum(total) FROM silver.orders");
  expect(code).toBe(1);
  expect(stderr).toMatch(/missing|not exist|cannot be read/i);
});

test("after a run, gold is what silver says, and the history names the versions that are there", async () => {
  arrives("c.csv", ["72,y,500.00,2026-05-02 10:00:00", "73,y,500.00,2026-05-02 10:00:00"]);
  expect((await cli("run")).code).toBe(0);
  const [found] = JSON.parse((await cli("query", sums, "--json")).stdout) as Record<string, string>[];
  expect(found).toEqual({ silver: "1123.65", gold: "1123.65" });
  const history = JSON.parse((await cli("history", "silver.orders", "--json")).stdout) as {
    readonly version: number;
    readonly id: string;
    readonly counts?: { readonly published: number };
  }[];
  expect(history.map(({ version, counts }) => [version, counts?.published])).toEqual([
    [1, 3],
    [0, 4],
  ]);
  expect(new Set(history.map(({ id }) => id)).size).toBe(2);
  const shown = JSON.parse((await cli("show", "silver.orders", "--json")).stdout) as { readonly id: string };
  expect(shown.id).toBe(history[0]?.id);
});

test("the run after that does nothing", async () => {
  const { stdout } = await cli("run", "--json");
  const { report } = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as {
    report: { tasks: { action: string }[] };
  };
  expect(report.tasks.map(({ action }) => action)).toEqual(report.tasks.map(() => "none"));
});
