/** A small project in a folder of its own, fed by files: what the pipeline's tests run. */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type OpenedProject, openProject } from "../../src/host/open.ts";
import {
  type Catalogue,
  createPlan,
  type OpenProject,
  type PlanOptions,
  type RunReport,
} from "../../src/pipeline/index.ts";
import { runPlan } from "../../src/runs/index.ts";
import type { Sink } from "../../src/sinks/sink.ts";
import { ShoplakeError } from "../../src/util/errors.ts";

export interface TestShop {
  readonly dir: string;
  readonly project: OpenedProject;
  /** Writes a file of the project, e.g. "inbox/a.csv". */
  put(path: string, text: string): Promise<void>;
  run(options?: PlanOptions): Promise<RunReport>;
  /** Rows of a dataset as text, sorted, without what differs between runs by design. */
  rows(dataset: string): Promise<readonly string[]>;
  /** Closes and opens the project again, with `between` while it is closed: changed models are seen. */
  reopen(between?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Files of a project by path. */
export type ProjectFiles = Readonly<Record<string, string>>;

export const shopFiles: ProjectFiles = {
  "shoplake.config.ts": `import { defineProject, files } from "shoplake";
export default defineProject({
  name: "test_shop", timezone: "Europe/Berlin", concurrency: 2, retries: { attempts: 1, delayMs: 10 },
  sources: {
    feed: files({ path: "orders/*.csv", format: "csv", table: "orders" }),
    catalog: files({ path: "products/*.csv", format: "csv", table: "products" }),
  },
});`,
  "models/silver/orders.sql": `/*
description: One row per order, the newest version wins.
key: order_id
newest_by: [version, _file]
partition_by: toStartOfMonth(day)
columns:
  version: { type: Int32 }
  day: { type: Date }
  amount: { type: "Decimal(18, 2)" }
reject:
  negative_amount: amount < 0
*/
SELECT order_id, version, day, sku, status, amount, _file, _row FROM bronze.feed_orders`,
  "models/silver/lines.sql": `/*
description: Every delivered line.
columns:
  day: { type: Date }
  amount: { type: "Decimal(18, 2)" }
*/
SELECT order_id, day, amount, status FROM bronze.feed_orders WHERE status != 'draft'`,
  "models/silver/products.sql": `/*
description: One row per product.
key: sku
newest_by: [version, _file]
columns:
  version: { type: Int32 }
*/
SELECT sku, version, category, title, _file FROM bronze.catalog_products`,
  "models/gold/sales_by_month.sql": `/*
description: Sales per month and category.
key: [month, category]
partition_by: month
*/
SELECT toStartOfMonth(o.day) AS month, p.category AS category, count() AS orders, sum(o.amount) AS revenue
FROM silver.orders AS o
INNER JOIN silver.products AS p ON p.sku = o.sku
WHERE o.status != 'cancelled'
GROUP BY month, category
HAVING count() >= 1`,
  "models/gold/sales_by_day.sql": `/*
description: Sales per day, also of unknown products.
key: day
partition_by: toStartOfMonth(day)
*/
SELECT o.day AS day, count() AS orders, uniqExact(p.category) AS categories, sum(o.amount) AS revenue
FROM silver.orders AS o
LEFT JOIN silver.products AS p ON p.sku = o.sku
WHERE o.status = 'paid'
GROUP BY day`,
  "models/gold/ranked.sql": `/*
description: The largest order of each month.
key: month
*/
SELECT toStartOfMonth(day) AS month, argMax(order_id, (amount, order_id)) AS order_id, max(amount) AS largest
FROM silver.orders GROUP BY month`,
};

/** What its models publish. */
export const modelDatasets = [
  "silver.orders",
  "silver.lines",
  "silver.products",
  "gold.sales_by_month",
  "gold.sales_by_day",
  "gold.ranked",
];

export async function openShop(files: ProjectFiles = shopFiles): Promise<TestShop> {
  const dir = await emptyProject();
  for (const [path, text] of Object.entries(files)) await put(dir, path, text);
  return openShopIn(dir);
}

/** A project as it lies in a folder of the tests, with more files. */
export async function projectIn(from: string, files: ProjectFiles): Promise<TestShop> {
  const dir = await emptyProject();
  await cp(from, dir, { recursive: true });
  for (const [path, text] of Object.entries(files)) await put(dir, path, text);
  return openShopIn(dir);
}

/** The same project as it lies in `from`, with what its sources read but without state. */
export async function copyShop(from: string): Promise<TestShop> {
  const dir = await emptyProject();
  const stays = (path: string): boolean =>
    !path.startsWith(join(from, ".shoplake")) && !path.startsWith(join(from, "node_modules"));
  await cp(from, dir, { recursive: true, filter: stays });
  return openShopIn(dir);
}

async function emptyProject(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "shoplake-shop-"));
  await mkdir(join(dir, "node_modules"));
  await symlink(resolve(import.meta.dirname, "../.."), join(dir, "node_modules/shoplake"));
  return dir;
}

async function put(dir: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(dir, path)), { recursive: true });
  await writeFile(join(dir, path), text);
}

/** Like openProject; a project with problems names them in the error. */
async function open(dir: string): Promise<OpenedProject> {
  return openProject({ dir }).catch((error: unknown) => {
    const problems = error instanceof ShoplakeError ? error.details.problems : undefined;
    throw problems === undefined ? error : new Error(JSON.stringify(problems, undefined, 1));
  });
}

async function openShopIn(dir: string): Promise<TestShop> {
  let project = await open(dir);
  return {
    dir,
    get project() {
      return project;
    },
    put: (path, text) => put(dir, path, text),
    run: async (options = {}) => runPlan(project, await createPlan(project, options)),
    rows: (dataset) => rowsOf(project, dataset),
    async reopen(between) {
      await project.close();
      await between?.();
      project = await open(dir);
    },
    async stop() {
      await project.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const perRun = ["_ingested_at", "_run_id"];

/** The project with another sink in the place of all of its own. */
export function withSink(project: OpenProject, sink: Sink): OpenProject {
  const changed = (catalogue: Catalogue): Catalogue => ({
    ...catalogue,
    adapters: { ...catalogue.adapters, sink: () => sink },
    refresh: async () => changed(await catalogue.refresh()),
  });
  return { ...project, catalogue: changed(project.catalogue) };
}

async function rowsOf(project: OpenProject, dataset: string): Promise<readonly string[]> {
  const [database = "", name = ""] = dataset.split(".");
  const columns = await project.host.engine.rows<{ name: string }>(
    "SELECT name FROM system.columns WHERE database = {database:String} AND table = {name:String}",
    { params: { database, name } },
  );
  if (columns.length === 0) return ["(not published)"];
  const kept = columns.map((column) => column.name).filter((column) => !perRun.includes(column));
  const rows = await project.host.engine.rows<{ row: string }>(
    `SELECT toString(tuple(${kept.sort().join(", ")})) AS row FROM ${dataset} ORDER BY row`,
  );
  return rows.map((row) => row.row);
}
