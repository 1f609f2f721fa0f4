/** A shop as text files: the formats, the days, the folder, a kill at any moment. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { columnFault } from "../../src/generator/files/columns.ts";
import { shopInFolder } from "../../src/generator/files/folder.ts";
import { bringFilesOn, writeFiles } from "../../src/generator/files/write.ts";
import { planThrough, type ShopPlan, shopPlan } from "../../src/generator/plan.ts";
import { nextDay } from "../../src/generator/record.ts";
import { simulate, simulateDay } from "../../src/generator/simulate.ts";
import { shopTables, tableNames } from "../../src/generator/tables/index.ts";
import { shopTruth } from "../../src/generator/truth-file.ts";
import { main } from "../cli/process.ts";

let parent: string;
let dir: string;
let number = 0;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "shoplake-files-shop-"));
});
beforeEach(() => {
  dir = join(parent, String(++number));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

type Row = Record<string, unknown>;

/** The files of a table in the order of their days; the later version of a row replaces the values that it has. */
function readTable(folder: string, table: string, key: string): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const name of readdirSync(join(folder, table)).sort()) {
    const text = readFileSync(join(folder, table, name), "utf8");
    const parsed: Row[] = name.endsWith(".csv")
      ? parse(text, { columns: true })
      : text
          .trimEnd()
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line.replace(decimals, ':"$1"$2')) as Row);
    for (const row of parsed) rows.set(String(row[key]), { ...rows.get(String(row[key])), ...row });
  }
  return rows;
}

/** Decimals are read as text, so that no digit is lost. */
const decimals = /:(-?\d+\.\d+)([,}])/g;

/** What the files must say, all values as text. */
function expected(plan: ShopPlan): Record<string, Row[]> {
  return Object.fromEntries(
    shopTables(simulate({ ...plan, files: true })).map(({ name, columns, rows }) => [
      name,
      [...rows()].map((row) =>
        Object.fromEntries(Object.keys(columns).map((column, index) => [column, String(row[index] ?? "")])),
      ),
    ]),
  );
}

test.each(["csv", "jsonl"] as const)("%s holds every value", async (format) => {
  const plan = shopPlan({ until: "2026-06-30", scale: 0.002, faults: 10 });
  const { rows } = await writeFiles(dir, plan, { format });
  const shop = expected(plan);
  for (const { name, key } of shopTables(simulate(plan))) {
    const found = [...readTable(dir, name, key).values()];
    expect(found.map((row) => mapValues(row, (value) => String(value ?? "")))).toEqual(shop[name]);
    expect(rows[name]).toBe(found.length);
  }
  if (format === "csv") return;
  const [order = ""] = readFileSync(join(dir, "orders", "orders-2026-06-30.jsonl"), "utf8").split("\n", 1);
  expect(order).toMatch(/^{"order_id":1,"customer_id":\d+,"order_date":"2024-07-01T/);
  expect(order).toMatch(/"total_amount":\d+\.\d\d,.*"campaign_id":null,/);
  const spoiled = [...readTable(dir, "products", "product_id").values()].map((row) => row["price"]);
  expect(spoiled).toContain("12,5O");
});

function mapValues(row: Row, of: (value: unknown) => unknown): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, of(value)]));
}

test("the files of 60 days make the whole shop, but for columns that are said to be missing or too many", async () => {
  const first = shopPlan({ until: "2026-05-01", scale: 0.0005, faults: 20 });
  await writeFiles(dir, first, { format: "csv" });
  let plan: ShopPlan = { ...first, files: true };
  const odd: string[] = [];
  for (let day = 0; day < 60; day++) {
    plan = planThrough(plan, nextDay(plan));
    await bringFilesOn(dir, plan.until);
    for (const name of tableNames) {
      const fault = columnFault(plan, { name }, first.until);
      if (fault !== undefined) odd.push(`${fault} ${name}/${name}-${plan.until}`);
    }
  }
  const shop = expected(plan);
  for (const { name, key, optional } of shopTables(simulate(plan))) {
    // Only what no KPI needs is lost: the files without returned_at are those of days on which nothing came back.
    const lost = name === "order_items" ? {} : { [optional]: "" };
    const without = ({ import_batch: _extra, ...row }: Row) => ({ [optional]: "", ...row, ...lost });
    const found = [...readTable(dir, name, key).values()];
    expect(found.map(without)).toEqual(shop[name]?.map(without));
  }
  const heads = tableNames.flatMap((name) =>
    readdirSync(join(dir, name)).flatMap((file) => {
      const [head = ""] = readFileSync(join(dir, name, file), "utf8").split("\n", 1);
      const table = shopTables(simulate(plan)).find((each) => each.name === name);
      const usual = Object.keys(table?.columns ?? {}).join(",");
      if (head === usual) return [];
      const place = `${name}/${file.replace(".csv", "")}`;
      return [`${head.length > usual.length ? "extra_column" : "missing_column"} ${place}`];
    }),
  );
  expect(heads.sort()).toEqual(odd.sort());
  expect(odd.some((each) => each.startsWith("missing"))).toBe(true);
  expect(odd.some((each) => each.startsWith("extra"))).toBe(true);
  const record = (await shopInFolder(dir))?.record;
  const truth = record && shopTruth(record, "UTC");
  const files = truth?.faults.flatMap((fault) => ("file" in fault ? [`${fault.fault} ${fault.file}`] : []));
  expect(files?.sort()).toEqual(odd);
  expect(truth?.rows).toEqual(mapValues(shop, (rows) => (rows as Row[]).length));
});

test("a day on which something came back has the day of the return in its file", () => {
  let missing = 0;
  for (let day = 0; day < 150; day++) {
    const until = new Date(Date.parse("2025-11-01") + day * 86_400_000).toISOString().slice(0, 10);
    const plan = shopPlan({ until, scale: 0.03, faults: 2, files: true });
    if (columnFault(plan, { name: "order_items" }, "2025-10-31") !== "missing_column") continue;
    missing++;
    expect([until, [...simulateDay(plan).lines()].filter((line) => line.returnedAt !== null)]).toEqual([
      until,
      [],
    ]);
  }
  expect(missing).toBeGreaterThan(0);
});

test("a folder with something else is left alone", async () => {
  const plan = shopPlan({ until: "2026-06-30", scale: 0.0001 });
  mkdirSync(dir);
  writeFileSync(join(dir, "notes.txt"), "mine");
  await expect(writeFiles(dir, plan, { format: "csv" })).rejects.toThrow(
    "the folder holds something else: notes.txt; nothing was changed",
  );
  await expect(bringFilesOn(dir, "2026-06-30")).rejects.toThrow("something else");
  expect(readdirSync(dir)).toEqual(["notes.txt"]);
  writeFileSync(join(dir, "shop.json"), "{}");
  await expect(bringFilesOn(dir, "2026-06-30")).rejects.toThrow("the file does not describe a shop");
});

const allFiles = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(folder.length), readFileSync(path, "utf8")] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

describe("a kill", () => {
  const plan = shopPlan({ until: "2026-06-29", scale: 0.004 });
  const options = ["--scale", "0.004", "--until", "2026-06-29"];

  /** Kills the command after some milliseconds, unless it was faster. */
  async function killed(args: readonly string[], afterMs: number): Promise<boolean> {
    const child = spawn(process.execPath, [main, "generate", "--out", dir, ...args], { stdio: "ignore" });
    const ended = once(child, "exit");
    await Promise.race([sleep(afterMs), ended]);
    child.kill("SIGKILL");
    return (await ended)[1] === "SIGKILL";
  }

  test("while the shop is written, then again: the same files", { timeout: 180_000 }, async () => {
    const good = join(parent, "good");
    await writeFiles(good, plan, { format: "csv" });
    let kills = 0;
    for (const afterMs of [150, 250, 350, 450, 550, 650]) {
      await rm(dir, { recursive: true, force: true });
      kills += Number(await killed(options, afterMs));
      if (existsSync(join(dir, "shop.json"))) continue;
      await writeFiles(dir, plan, { format: "csv" });
      expect(allFiles(dir)).toEqual(allFiles(good));
    }
    expect(kills).toBeGreaterThan(0);
  });

  test("while a day is written, then again: the same files", { timeout: 180_000 }, async () => {
    const [start, good] = [join(parent, "start"), join(parent, "good-day")];
    await writeFiles(start, plan, { format: "csv" });
    cpSync(start, good, { recursive: true });
    await bringFilesOn(good, "2026-06-30");
    let kills = 0;
    for (const afterMs of [150, 200, 250, 300, 350, 400, 450]) {
      await rm(dir, { recursive: true, force: true });
      cpSync(start, dir, { recursive: true });
      kills += Number(await killed(["--day", "2026-06-30"], afterMs));
      await bringFilesOn(dir, "2026-06-30");
      expect(allFiles(dir)).toEqual(allFiles(good));
    }
    expect(kills).toBeGreaterThan(0);
  });
});
