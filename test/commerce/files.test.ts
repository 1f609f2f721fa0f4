/** The commerce template over files, as its README says: every figure is that of the truth file. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import type { ShopOptions } from "../../src/generator/plan.ts";
import type { Truth } from "../../src/generator/truth/truth.ts";
import type { ShopTruth } from "../../src/generator/truth-file.ts";
import { testContext } from "../cli/terminal.ts";
import {
  expectSuccess,
  expectTruth,
  openTemplate,
  type ShopPlace,
  type TemplateShop,
  wantedWarnings,
  warningsOf,
} from "./shop.ts";

let shop: TemplateShop;

const shoplake = async (dir: string, ...args: readonly string[]): Promise<void> => {
  const context = testContext({}, { cwd: dir, env: {} });
  expect(await runCommandLine(context, args), context.stderr.text).toBe(0);
};

/** Files of a format, written by the command line together with their truth. */
const inFiles = (format: string): ShopPlace => ({
  env: {},
  async load({ scale, seed, until, faults }, dir) {
    const size = ["--scale", String(scale), "--seed", String(seed), "--faults", String(faults)];
    const place = ["--out", "inbox", "--format", format, "--truth", "truth.json"];
    await shoplake(dir, "generate", ...place, ...size, "--until", until);
    const file = join(dir, "shop-files.ts");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replaceAll('.csv"', `.${format}"`).replace('"csv"', `"${format}"`));
  },
  bringOn: (until, dir) =>
    shoplake(dir, "generate", "--out", "inbox", "--day", until, "--truth", "truth.json"),
});

const page = (file: string) => readFile(new URL(`../../templates/commerce/${file}`, import.meta.url), "utf8");

/** What README.md says is to be changed in shoplake.config.ts. */
async function readmeEdits(): Promise<readonly (readonly [string, string])[]> {
  const [, section = ""] = (await page("README.md")).split("## From files instead of PostgreSQL\n");
  const [, imported = "", sources = ""] = /```ts\n(.*)\n(.*)\n```/.exec(section) ?? [];
  const [given = "no sources"] =
    /^ {2}sources: \{$.*?^ {2}\},$/ms.exec(await page("shoplake.config.ts")) ?? [];
  return [
    ["\n\n", `\n${imported}\n\n`],
    [given, sources],
  ];
}

async function open(format: string, options: Omit<ShopOptions, "faults">): Promise<TemplateShop> {
  shop = await openTemplate(inFiles(format), { ...options, faults: 5, config: await readmeEdits() });
  return shop;
}

/** As `shoplake generate` wrote it. */
async function truthFile(): Promise<ShopTruth & Truth> {
  const truth = JSON.parse(await readFile(join(shop.dir, "truth.json"), "utf8")) as ShopTruth;
  return { ...truth, rows: truth.datasets };
}

const wrongTypes = [
  "customers.invalid_registration_date",
  "products.invalid_price",
  "orders.invalid_order_date",
  "order_items.invalid_quantity",
  "inventory_transactions.invalid_quantity",
  "marketing_campaigns.invalid_budget",
];

async function expectFullRun(): Promise<void> {
  const report = await shop.run();
  expectSuccess(report);
  const truth = await truthFile();
  for (const rule of wrongTypes) expect([rule, truth.rejects[rule]?.length]).not.toEqual([rule, 0]);
  await expectTruth(shop, truth);
  expect(warningsOf(report)).toEqual(wantedWarnings(truth));
}

it("one full run over jsonl files is the truth", async () => {
  await open("jsonl", { scale: 0.005, seed: 42, until: "2026-06-30" });
  try {
    await expectFullRun();
  } finally {
    await shop.stop();
  }
}, 120_000);

/** The nightly run does them all. */
const days = process.env["SHOPLAKE_FULL"] === "1" ? 30 : 3;

describe("over csv files", () => {
  beforeAll(() => open("csv", { scale: 0.005, seed: 7, until: "2026-01-25" }), 60_000);
  afterAll(() => shop?.stop());
  const products = () =>
    shop.rows("SELECT product_id, price, import_batch FROM bronze.shop_products ORDER BY ALL");
  const late = () => join(shop.dir, "inbox/products/products-late.csv");
  const firstProduct = async () => {
    const text = await readFile(join(shop.dir, "inbox/products/products-2026-01-25.csv"), "utf8");
    const [head = "", row = ""] = text.split("\n");
    return { head, row };
  };

  it("one full run is the truth", expectFullRun, 120_000);

  it("so is a run on each new day, with columns that are missing and columns that are new", async () => {
    for (let day = 0; day < days; day++) {
      await shop.nextDay();
      expectSuccess(await shop.run());
    }
    const truth = await truthFile();
    const odd = truth.faults.flatMap((fault) => ("file" in fault ? [`${fault.fault} ${fault.table}`] : []));
    expect(odd).toEqual(
      expect.arrayContaining([
        "extra_column customers",
        "extra_column inventory_transactions",
        "extra_column marketing_campaigns",
        "extra_column products",
        "missing_column customers",
        "missing_column order_items",
        "missing_column products",
      ]),
    );
    await expectTruth(shop, truth);
    expect(new Set((await products()).map((row) => row["import_batch"])).size).toBeGreaterThan(1);
  }, 900_000);

  it("a file without a column that is never empty stops its table, with a message that names both", async () => {
    const before = await products();
    const { head, row } = await firstProduct();
    await writeFile(late(), `${head.replace(",price,", ",amount,")}\n${row}\n`);
    const failed = (await shop.run({ select: ["bronze"] })).tasks.filter(({ state }) => state === "failed");
    expect(failed.map(({ dataset, error }) => [dataset, error?.message])).toEqual([
      ["bronze.shop_products", "inbox/products/products-late.csv has no column price (Decimal(10, 2))."],
    ]);
    expect(await products()).toEqual(before);
  }, 60_000);

  it("a newer version of a row that breaks a type leaves the good one", async () => {
    const before = await products();
    const { head, row } = await firstProduct();
    const broken = row.replace(/,\d+\.\d\d,/, ",free,").replace(/[^,]*$/, "2026-01-28T12:00:00Z");
    await writeFile(late(), `${head}\n${broken}\n`);
    expectSuccess(await shop.run({ select: ["bronze.shop_products"] }));
    expect(await products()).toEqual(before);
    expect(
      await shop.rows(
        "SELECT rule, reason, source_ref, key FROM ops.quarantine WHERE source_ref LIKE '%late%' AND status = 'open'",
      ),
    ).toEqual([
      {
        rule: "invalid_price",
        reason: "price: 'free' is not a Decimal(10, 2)",
        source_ref: "inbox/products/products-late.csv:1",
        key: "product_id=1",
      },
    ]);
    expect(
      await shop.rows("SELECT rule, status FROM ops.quarantine WHERE source_ref LIKE '%products-late.csv'"),
    ).toEqual([{ rule: "unreadable_file", status: "replayed" }]);
  }, 60_000);
});
