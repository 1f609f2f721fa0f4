/**
 * A real shop's 541,909 invoice lines in 305 daily files: fed at once, day by day, and in random order with re-deliveries and
 * a corrected file. The figures are those of the data set itself, counted outside this project.
 */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { projectIn, type TestShop } from "../pipeline/shop.ts";

const data = resolve(import.meta.dirname, "../../../shared/data/online_retail/by-day");
const present = existsSync(data);
if (!present && process.env["CI"] === "true") throw new Error(`the test data is missing: ${data}`);
if (!present) process.stderr.write(`skipped: no test data in ${data}\n`);
const everyDay = process.env["CI"] === "true";
const days = present ? readdirSync(data).sort() : [];

let shop: TestShop;
const inbox = (): string => join(shop.dir, "inbox");
const deliver = (names: readonly string[]): void => {
  for (const name of names) cpSync(join(data, name), join(inbox(), name));
};

async function run(): Promise<void> {
  const report = await shop.run();
  expect(
    report.tasks.filter((task) => task.state !== "success").map((task) => [task.dataset, task.error]),
  ).toEqual([]);
}

async function expectTheShop(): Promise<void> {
  const { engine } = shop.project.host;
  const [totals] = await engine.rows("SELECT * FROM gold.totals");
  expect(totals).toEqual({
    lines: "541909",
    invoices: "25900",
    customers: "4372",
    lines_without_customer: "135080",
    cancellation_lines: "9288",
    cancellation_invoices: "3836",
    zero_prices: "2515",
    negative_prices: "2",
    net: "9747747.934",
    gross: "10666684.544",
  });
  expect(await engine.rows("SELECT lines, net FROM gold.sales_by_month WHERE month = '2011-11-01'")).toEqual([
    { lines: "84711", net: "1461756.25" },
  ]);
  expect(await engine.rows("SELECT count() AS invoices, sum(net) AS net FROM silver.invoices")).toEqual([
    { invoices: "25900", net: "9747747.934" },
  ]);
  const duplicates = (await shop.project.host.state.checks.newest("silver.lines")).find(
    (check) => check.type === "unique",
  );
  expect(duplicates).toMatchObject({ status: "warn", unexpected_count: 5268 });
}

/** A number for all rows of a dataset, whatever their order. */
async function contentOf(dataset: string): Promise<unknown> {
  return shop.project.host.engine.rows(`SELECT count() AS n, sum(cityHash64(*)) AS content FROM ${dataset}`);
}

describe.skipIf(!present)("Online Retail", () => {
  const contents: unknown[] = [];
  afterAll(() => shop?.stop());

  async function fresh(): Promise<void> {
    await shop?.stop();
    shop = await projectIn(join(import.meta.dirname, "online-retail"), { "inbox/.keep": "" });
  }

  async function compare(): Promise<void> {
    await expectTheShop();
    contents.push(await contentOf("silver.lines"));
    expect(contents.at(-1)).toEqual(contents[0]);
  }

  it("all at once", async () => {
    await fresh();
    deliver(days);
    await run();
    await compare();
  }, 300_000);

  it(`${everyDay ? "day by day" : "ten days at a time (day by day in CI)"}`, async () => {
    await fresh();
    const step = everyDay ? 1 : 10;
    for (let i = 0; i < days.length; i += step) {
      deliver(days.slice(i, i + step));
      await run();
    }
    await compare();
  }, 1_200_000);

  it("in random order, with re-deliveries and a corrected file", async () => {
    await fresh();
    const order = shuffled(days);
    const wrong = order[3] ?? "";
    for (let i = 0; i < order.length; i += 40) {
      deliver(order.slice(i, i + 40));
      if (i === 0) spoil(wrong);
      if (i === 80) cpSync(join(data, order[0] ?? ""), join(inbox(), "again.csv.gz"));
      if (i === 160) deliver([wrong]);
      if (i === 200) deliver(order.slice(0, 5));
      await run();
    }
    await run();
    await compare();
  }, 600_000);
});

/** The same order for every run of the test. */
function shuffled(names: readonly string[]): readonly string[] {
  const key = (name: string): number =>
    [...name].reduce((hash, char) => (hash * 31 + char.charCodeAt(0)) % 1_000_003, 7);
  return [...names].sort((a, b) => key(a) - key(b) || a.localeCompare(b));
}

/** A first delivery with wrong quantities and a missing last line. */
function spoil(name: string): void {
  const lines = gunzipSync(readFileSync(join(data, name)))
    .toString("utf8")
    .trimEnd()
    .split("\n");
  const wrong = lines
    .slice(0, -1)
    .map((line, i) => (i === 0 ? line : line.replace(/,(\d+),(\d{4}-)/, ",9$1,$2")));
  writeFileSync(join(inbox(), name), gzipSync(`${wrong.join("\n")}\n`));
}
