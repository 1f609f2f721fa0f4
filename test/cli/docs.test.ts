/** The data dictionary of a project. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { DatasetEntry, Dictionary } from "../../src/app/dictionary/entries.ts";
import { dictionaryPage } from "../../src/app/dictionary/page.ts";
import { writeTemplate } from "../../src/app/init.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { writeSmallShop } from "./small-shop.ts";
import { testContext } from "./terminal.ts";

const made: string[] = [];
afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

async function run(cwd: string, ...args: string[]) {
  const context = testContext({}, { cwd, env: { PATH: process.env["PATH"] } });
  const code = await runCommandLine({ ...context, clock: () => new Date() }, args);
  expect(code, context.stderr.text).toBe(0);
  return context.stdout.text;
}

test("the minimal template, before its first run and after", async () => {
  const dir = mkdtempSync(join(tmpdir(), "shoplake-docs-"));
  made.push(dir);
  await writeTemplate("minimal", dir);
  mkdirSync(join(dir, "node_modules"));
  symlinkSync(resolve("."), join(dir, "node_modules/shoplake"));
  const before = await run(dir, "docs");
  expect(before).toContain("### bronze.shop_orders\n\n- from: source shop\n");
  expect(before).toContain("| `total` | `Decimal(18, 2)` | in the project's currency |  |  |");
  expect(before).toContain("| `status` |  |  | `accepted_values` values `paid, cancelled` |  |");
  await run(dir, "run", "hourly", "--quiet");
  await expect(await run(dir, "docs")).toMatchFileSnapshot("../golden/cli/docs-minimal.md");
});

const withSystems = `import { defineProject, files, postgres } from "shoplake";
export default defineProject({
  name: "small-shop",
  sources: {
    feed: files({ path: "inbox/*.csv", format: "csv", table: "orders", key: "order_id" }),
    inbox: files({ path: "{table}.jsonl", format: "jsonl", tables: { visits: { key: "id", cursor: "at" } } }),
    shop: postgres({ url: "postgres://someone:hidden@127.0.0.1:1/shop", retries: 0, tables: { "*": {}, customers: { key: "id", cursor: "updated_at" } } }),
  },
  sinks: {
    reporting: postgres({ url: "postgres://someone:hidden@127.0.0.1:1/gold", schema: "bi", tables: { "gold.daily_sales": "sales" } }),
    folder: files({ directory: "out", format: "csv", select: "silver" }),
  },
});
`;

test("needs no system at hand, and tells no secret", async () => {
  const shop = writeSmallShop({
    "shoplake.config.ts": withSystems,
    "models/silver/visits.sql": "/*\ntags: daily\n*/\nSELECT id FROM bronze.shop_visits",
    "checks/late.sql":
      "/*\ndataset: gold.daily_sales\ndescription: Sales | of a day < 2000.\nseverity: warn\n*/\nSELECT 1",
    "queries/daily.sql":
      "/*\ntags: headline\nparameters: { currency: EUR }\n*/\nSELECT {today:Date}, {currency:String}, {timezone:String}, {n:UInt8}",
  });
  made.push(shop.dir);
  const text = await run(shop.dir, "docs", "--json");
  expect(text).not.toContain("hidden");
  const found = JSON.parse(text) as Dictionary;
  expect(found.datasets.map(({ dataset, columns }) => [dataset, columns.map(({ type }) => type)])).toEqual([
    ["bronze.feed_orders", []],
    ["bronze.inbox_visits", []],
    ["bronze.shop_visits", []],
    ["bronze.shop_customers", []],
    ["silver.orders", ["UInt64", "", "Decimal(18, 2)", "DateTime"]],
    ["silver.visits", []],
    ["gold.daily_sales", [""]],
  ]);
  expect(found.datasets.find(({ dataset }) => dataset === "gold.daily_sales")).toMatchObject({
    inputs: ["silver.orders"],
    readBy: { datasets: [], queries: ["kpi/revenue"], sinks: ["reporting"] },
    checks: [],
  });
  expect(found.checks).toEqual([
    {
      file: "checks/late.sql",
      dataset: "gold.daily_sales",
      description: "Sales | of a day < 2000.",
      severity: "warn",
    },
  ]);
  expect(found.sources[1]).toEqual({
    name: "inbox",
    kind: "files",
    what: "jsonl files {table}.jsonl",
    tables: [{ table: "visits", dataset: "bronze.inbox_visits", key: ["id"], cursor: "at" }],
  });
  expect(found.sources[2]).toEqual({
    name: "shop",
    kind: "postgres",
    what: "PostgreSQL, schema public",
    tables: [
      { table: "visits", dataset: "bronze.shop_visits", key: [], cursor: "" },
      { table: "customers", dataset: "bronze.shop_customers", key: ["id"], cursor: "updated_at" },
    ],
  });
  expect(found.sinks.map(({ what, tables }) => [what, tables[0]])).toEqual([
    ["PostgreSQL, schema bi", { dataset: "gold.daily_sales", target: "bi.sales" }],
    ["csv files in out", { dataset: "silver.orders", target: "silver.orders.csv" }],
  ]);
  const page = await run(shop.dir, "docs");
  expect(page).not.toContain("hidden");
  expect(page).toContain(
    "| `checks/late.sql` | [gold.daily_sales](#golddaily_sales) | Sales \\| of a day &lt; 2000. | warn |",
  );
  expect(page).toContain("| `today` | `Date` | the day of the query |  |\n");
  expect(page).toContain("| `currency` | `String` | `EUR` |  |\n");
  expect(page).toContain("| `timezone` | `String` | the project's |  |\n");
  expect(page).toContain("| `n` | `UInt8` | must be given |  |\n");
  expect(page).toContain("### daily\n\n- from: `queries/daily.sql`\n- tags: `headline`\n");
  expect(page).toContain("  silver_orders --> sink_folder\n");
});

test("-o writes the file whole, or leaves it as it was", async () => {
  const shop = writeSmallShop();
  made.push(shop.dir);
  const page = await run(shop.dir, "docs");
  writeFileSync(join(shop.dir, "D.md"), "old");
  expect(await run(shop.dir, "docs", "-o", "D.md")).toBe("");
  expect(readFileSync(join(shop.dir, "D.md"), "utf8")).toBe(page);
  const context = testContext({}, { cwd: shop.dir, env: { PATH: process.env["PATH"] } });
  expect(await runCommandLine(context, ["docs", "-o", "nowhere/D.md"])).toBe(1);
  expect(context.stderr.text).toContain("name a file in a folder that exists");
  expect(readdirSync(shop.dir).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("any text stands in its cell", () => {
  const entry: DatasetEntry = {
    dataset: "silver.x",
    layer: "silver",
    from: "models/silver/x.sql",
    description: "One\nrow <b>.",
    tags: [],
    key: [],
    newestBy: [],
    partitionBy: "",
    inputs: [],
    readBy: { datasets: [], queries: [], sinks: [] },
    columns: [
      {
        name: "a",
        type: "Enum8('a|b' = 1)",
        description: "this | that",
        tags: ["pii"],
        checks: [
          {
            name: "regex_a",
            type: "regex",
            arguments: { pattern: "^`x`|y$" },
            severity: "warn",
            where: "b\n> 1",
            threshold: { percent: 5 },
          },
        ],
      },
    ],
    rules: [],
    checks: [],
  };
  const page = dictionaryPage({
    name: "x",
    timezone: "UTC",
    currency: "EUR",
    datasets: [entry],
    checks: [],
    queries: [],
    sources: [],
    sinks: [],
    schedules: [],
  });
  expect(page).toContain("One row &lt;b>.\n");
  expect(page).toContain(
    "| `a` | `Enum8('a\\|b' = 1)` | this \\| that | `regex` pattern `` ^`x`\\|y$ ``, where `b > 1`, up to 5 % allowed, warns | `pii` |\n",
  );
});
