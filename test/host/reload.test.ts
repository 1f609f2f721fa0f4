/** A process that stays takes over changed files of its project between runs, never within one. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { OpenedCatalogue } from "../../src/host/catalogue.ts";
import { type Catalogues, keepCatalogues } from "../../src/host/reload.ts";
import type { Catalogue, RunReport } from "../../src/pipeline/index.ts";
import { createPlan } from "../../src/pipeline/index.ts";
import { runPlan } from "../../src/runs/index.ts";
import { openShop, shopFiles, type TestShop } from "../pipeline/shop.ts";

const second = "models/gold/second.sql";
let shop: TestShop;
let catalogues: Catalogues;
let closed: string[];

beforeEach(async () => {
  shop = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o1.csv": "order_id,version,day,sku,status,amount\n1,1,2024-01-05,A,paid,10.00\n",
  });
  closed = [];
  const first: OpenedCatalogue = {
    ...shop.project.catalogue,
    close: async () => void closed.push("first"),
  };
  catalogues = keepCatalogues(shop.project.host, first);
});
afterEach(async () => {
  await catalogues.close();
  await shop.stop();
});

async function run(catalogue: Catalogue): Promise<RunReport> {
  const project = { host: shop.project.host, catalogue };
  return runPlan(project, await createPlan(project));
}

const datasets = ({ tasks }: RunReport): readonly string[] => tasks.map(({ dataset }) => dataset);

it("a run ends with the catalogue it began with; the next one has the new files", async () => {
  const meanwhile = await catalogues.use(async (catalogue) => {
    await shop.put(second, "SELECT sku FROM silver.orders");
    await catalogues.reload();
    expect(closed).toEqual([]);
    return run(catalogue);
  });
  expect(closed).toEqual(["first"]);
  expect(meanwhile.state).toBe("success");
  expect(datasets(meanwhile)).not.toContain("gold.second");
  const next = await catalogues.use(run);
  expect(next.state).toBe("success");
  expect(datasets(next)).toContain("gold.second");
});

it("files with a problem are refused, and what worked before goes on", async () => {
  await shop.put(second, "SELECT nowhere FROM silver.orders");
  await expect(catalogues.reload()).rejects.toMatchObject({ code: "config" });
  expect((await catalogues.use(run)).state).toBe("success");
  expect(closed).toEqual([]);
  await rm(join(shop.dir, second));
  await catalogues.reload();
  expect(closed).toEqual(["first"]);
});

it("what only a new process can change is refused by its name", async () => {
  const config = shopFiles["shoplake.config.ts"] ?? "";
  await writeFile(
    join(shop.dir, "shoplake.config.ts"),
    config.replace("concurrency: 2", 'lake: { path: "elsewhere" }, concurrency: 2'),
  );
  await expect(catalogues.reload()).rejects.toThrow("lake changed in shoplake.config.ts");
});

it("two reloads at once are one", async () => {
  await shop.put(second, "SELECT sku FROM silver.orders");
  const [one, other] = await Promise.all([catalogues.reload(), catalogues.reload()]);
  expect(one).toBe(other);
  expect(one.datasets.has("gold.second")).toBe(true);
});
