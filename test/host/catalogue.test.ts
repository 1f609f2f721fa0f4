/** The project as resolved at one moment, and the next one. */
import { readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openProject } from "../../src/host/open.ts";
import { createPlan } from "../../src/pipeline/index.ts";
import { runPlan } from "../../src/runs/index.ts";
import { openShop, shopFiles, type TestShop } from "../pipeline/shop.ts";

const withSinkFiles = {
  "shoplake.config.ts": `import { defineProject, files } from "shoplake";
export default defineProject({
  name: "test_shop", retries: { attempts: 1, delayMs: 10 },
  sources: { feed: files({ path: "orders/*.csv", format: "csv", table: "orders" }) },
  sinks: { out: files({ directory: "out", format: "csv", select: "gold" }) },
});`,
  "models/gold/orders.sql":
    "/*\nkey: order_id\n*/\nSELECT * EXCEPT (_file, _file_hash, _ingested_at, _row, _run_id, _source) FROM bronze.feed_orders",
  "orders/o1.csv": "order_id,amount\n1,10.00\n",
};
let shop: TestShop;
afterEach(() => shop.stop());
const names = (columns: readonly { readonly name: string }[] = []) => columns.map(({ name }) => name);

test("refresh gives the columns that arrived; the catalogue of before stays as it was", async () => {
  shop = await openShop(withSinkFiles);
  expect((await shop.run()).state).toBe("success");
  const before = await shop.project.catalogue.refresh();
  expect(await before.refresh()).toBe(await before.refresh());
  await shop.put("orders/o2.csv", "order_id,amount,city\n2,20.00,Berlin\n");
  expect((await shop.run({ select: ["bronze"] })).state).toBe("success");
  const after = await before.refresh();
  expect(names(after.datasets.get("bronze.feed_orders")?.columns)).toContain("city");
  expect(names(after.datasets.get("gold.orders")?.columns)).toContain("city");
  expect(names(before.datasets.get("gold.orders")?.columns)).not.toContain("city");
});

test("a column that arrives in a run is in the delivery of that run, and stays there", async () => {
  shop = await openShop(withSinkFiles);
  expect((await shop.run()).state).toBe("success");
  await shop.put("orders/o2.csv", "order_id,amount,city\n2,20.00,Berlin\n");
  expect((await shop.run()).state).toBe("success");
  const delivered = join(shop.dir, "out/gold.orders.csv");
  expect(readFileSync(delivered, "utf8").split("\n")[0]).toContain('"city"');
  expect(readFileSync(delivered, "utf8")).toContain('"Berlin"');
  await shop.reopen();
  expect((await shop.run()).state).toBe("success");
  expect(await readFile(delivered, "utf8")).toContain('"Berlin"');
});

test("a source that is down is a warning when it is asked, and nothing when it is not", async () => {
  shop = await openShop({
    ...shopFiles,
    "shoplake.config.ts":
      shopFiles["shoplake.config.ts"]
        ?.replace("{ defineProject, files }", "{ defineProject, files, postgres }")
        .replace(
          "sources: {",
          'sources: { shop: postgres({ url: "postgres://a:hidden@127.0.0.1:1/b", retries: 0, tables: { "*": {} } }),',
        ) ?? "",
  });
  const warnings: string[] = [];
  const open = (askSources: boolean) =>
    openProject({ dir: shop.dir, askSources, warn: (message) => warnings.push(message) });
  const asked = await open(true);
  expect(asked.catalogue.tables["shop"]).toEqual([{ name: "*", key: [], columns: [] }]);
  await asked.close();
  expect(warnings.filter((warning) => warning.startsWith("source shop "))).toEqual([
    expect.stringMatching(/^source shop does not say which tables it has: (?!.*hidden)/),
  ]);
  warnings.length = 0;
  const notAsked = await open(false);
  expect(notAsked.catalogue.tables["shop"]).toEqual([]);
  expect(notAsked.catalogue.datasets.has("silver.orders")).toBe(true);
  await notAsked.close();
  expect(warnings).toEqual([]);
});

test("a bronze dataset whose log is damaged is a warning; what does not read it is resolved", async () => {
  shop = await openShop({ ...shopFiles, "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n" });
  expect((await shop.run({ select: ["bronze.catalog_products"] })).state).toBe("success");
  await shop.put(
    ".shoplake/lake/bronze/catalog_products/_delta_log/00000000000000000000.json",
    "{ no JSON\n",
  );
  const warnings: string[] = [];
  const project = await openProject({ dir: shop.dir, warn: (message) => warnings.push(message) });
  expect(warnings).toContainEqual(expect.stringMatching(/^bronze\.catalog_products cannot be read: /));
  expect(project.catalogue.datasets.has("silver.orders")).toBe(true);
  await project.close();
});

test("one that is asked can be stopped", async () => {
  shop = await openShop();
  const signal = AbortSignal.abort(new Error("stop"));
  const source = shop.project.catalogue.adapters.source("feed");
  expect(source.kind).toBe("files");
  await expect(openProject({ dir: shop.dir, signal }).then((project) => project.close())).rejects.toThrow();
});

test("a lake that cannot be written is a warning to who only reads; a run does not begin", async () => {
  shop = await openShop(withSinkFiles);
  expect((await shop.run()).state).toBe("success");
  await rm(join(shop.dir, ".shoplake/lake/_owners"), { recursive: true });
  await shop.put(".shoplake/lake/_owners", "in the way");
  const warnings: string[] = [];
  const project = await openProject({ dir: shop.dir, warn: (message) => warnings.push(message) });
  expect(warnings).toEqual([
    expect.stringMatching(/^this process could not write its name into the lake.*_owners/),
  ]);
  const plan = await createPlan(project, {});
  expect(plan.tasks.map(({ dataset }) => dataset)).toContain("gold.orders");
  await expect(runPlan(project, plan)).rejects.toMatchObject({ code: "io" });
  await project.close();
});
