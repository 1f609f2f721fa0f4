/** Files that cannot be used, in a whole project: the other files, sources and models go on, and every command works. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { RunReport } from "../../src/pipeline/types.ts";
import { shoplake } from "./process.ts";
import { smallShop, writeSmallShop } from "./small-shop.ts";

const shop = writeSmallShop({
  "shoplake.config.ts": smallShop["shoplake.config.ts"]?.replace(
    "sources: {",
    `sources: {
    late: files({ path: "late/*.csv", format: "csv", table: "prices" }),
    packed: files({ path: "packed/*", format: "json", table: "events" }),`,
  ),
  "late/first.csv": "sku,price,\nA,1,\n",
  "models/silver/prices.sql":
    "/*\ndescription: prices\nkey: sku\n*/\nSELECT sku, price FROM bronze.late_prices\n",
  "packed/1.json": '[{"id":1},"two",{"id":3}]',
  "packed/2.json": '[{"id":4},{"id":\u{1f6d2}}]',
  "inbox/2026-01-03.csv": "order_id,,total,ordered_at\n9,x,1,2026-01-03 10:00:00\n",
});
afterAll(() => shop.remove());

async function run(): Promise<{ readonly code: number | null; readonly report: RunReport }> {
  const { code, stdout } = await shoplake(["run", "--json"], { cwd: shop.dir, timeoutMs: 120_000 });
  const { report } = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as { report: RunReport };
  return { code, report };
}

async function data<T>(...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await shoplake([...words, "--json"], { cwd: shop.dir });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

const put = (path: string, text: string) => {
  mkdirSync(dirname(join(shop.dir, path)), { recursive: true });
  writeFileSync(join(shop.dir, path), text);
};

test("only the table without any usable file fails, at every run, and is named with file and column", async () => {
  for (let n = 0; n < 2; n++) {
    const { code, report } = await run();
    expect(code).toBe(1);
    const states = Object.fromEntries(report.tasks.map(({ dataset, state }) => [dataset, state]));
    expect(states).toMatchObject({
      "bronze.feed_orders": "success",
      "bronze.packed_events": "success",
      "silver.orders": "success",
      "gold.daily_sales": "success",
      "bronze.late_prices": "failed",
    });
    const failed = report.tasks.find(({ dataset }) => dataset === "bronze.late_prices");
    expect(JSON.stringify(failed)).toContain("Column 3 of late/first.csv has no name.");
  }
  expect(await data<unknown>("query", "SELECT id FROM bronze.packed_events ORDER BY id")).toEqual([
    { id: "1" },
    { id: "3" },
  ]);
});

test("every command works, and the quarantine has one reject for each bad file or record", async () => {
  const listed: string[] = [];
  for (const dataset of ["bronze.feed_orders", "bronze.late_prices", "bronze.packed_events"])
    for (const row of await data<{ source_ref: string; rule: string }[]>("quarantine", "list", dataset))
      listed.push(`${row.source_ref} ${row.rule}`);
  expect(listed.sort()).toEqual([
    "inbox/2026-01-03.csv unreadable_file",
    "late/first.csv unreadable_file",
    "packed/1.json:2 malformed_json",
    "packed/2.json unreadable_file",
  ]);
  await data("show", "bronze.packed_events");
  await data("show", "silver.orders");
  await data("runs");
  await data("query", "SELECT count() AS n FROM gold.daily_sales");
});

test("a good file beside the bad one is taken, and the models go on", async () => {
  put("late/second.csv", "sku,price\nB,2\n");
  const { code, report } = await run();
  expect(code).toBe(0);
  expect(report.tasks.find(({ dataset }) => dataset === "bronze.late_prices")).toMatchObject({
    state: "success",
    counts: { read: 2, published: 1, rejected: 1, deduplicated: 0 },
  });
  expect(await data("query", "SELECT sku, price FROM silver.prices")).toEqual([{ sku: "B", price: "2" }]);
});
