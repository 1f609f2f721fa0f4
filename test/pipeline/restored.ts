/** Faults of a project's state: parts that are gone, that come from a backup, or that belong to another history. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { modelDatasets, shopFiles, type TestShop } from "./shop.ts";

/** The small shop with a sink, so that every kind of state is there. */
export const restoredFiles = {
  ...shopFiles,
  "shoplake.config.ts": (shopFiles["shoplake.config.ts"] ?? "").replace(
    "  },\n});",
    `  },\n  sinks: { out: files({ directory: "out", format: "csv", select: "gold" }) },\n});`,
  ),
};

const products = "sku,version,category,title\nA,1,books,a\nB,1,toys,b\n";
const header = "order_id,version,day,sku,status,amount\n";

/** What arrives, in order; `other` is what arrives in the place of `later` in another history. */
export const arrivals = {
  first: {
    "products/p.csv": products,
    "orders/a.csv": `${header}1,1,2024-01-05,A,paid,10\n2,1,2024-02-05,B,paid,20\n`,
  },
  later: {
    "orders/b.csv": `${header}2,2,2024-02-06,B,paid,21\n3,1,2024-03-05,A,paid,30\n9,1,2024-03-05,A,paid,-3\n`,
  },
  other: {
    "orders/b.csv": `${header}1,2,2024-01-06,A,paid,11\n4,1,2024-03-07,B,paid,44\n5,1,no day,A,paid,1\n`,
  },
  last: { "orders/c.csv": `${header}3,2,2024-03-06,B,paid,31\n6,1,2024-01-05,A,paid,60\n` },
} as const;

export async function deliver(shop: TestShop, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) await shop.put(path, text);
}

/**
 * Copies a folder of the project's state over another one; a missing one removes it. By the system's command: Node cuts the times of
 * files, and a sink knows its files by them.
 */
export async function replaceFolder(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  if (!existsSync(from)) return;
  await mkdir(dirname(to), { recursive: true });
  await promisify(execFile)("cp", ["-a", from, to]);
}

/** Deletes the newest commit of every table of a layer, as a disk that lost its last writes has it. */
export async function loseNewestCommits(dir: string, layer: string): Promise<void> {
  const folder = join(dir, ".shoplake/lake", layer);
  if (!existsSync(folder)) return;
  for (const name of await readdir(folder)) {
    const log = join(folder, name, "_delta_log");
    const newest = (await readdir(log))
      .filter((file) => /^\d{20}\.json$/.test(file))
      .sort()
      .at(-1);
    if (newest !== undefined && !newest.startsWith("0".repeat(20))) await rm(join(log, newest));
  }
}

/** Everything that a shop shows: rows of all datasets, or why they cannot be read, and the files of the sink. */
export async function everything(shop: TestShop): Promise<Readonly<Record<string, unknown>>> {
  const shown: Record<string, unknown> = {};
  for (const dataset of ["bronze.feed_orders", "bronze.catalog_products", ...modelDatasets])
    shown[dataset] = await shop.rows(dataset).catch(String);
  const out = join(shop.dir, "out");
  for (const name of (await readdir(out)).filter((file) => !file.startsWith(".")).sort())
    shown[name] = await readFile(join(out, name), "utf8");
  return shown;
}

/** Open rejects, however often they were seen. */
export function rejectsOf(shop: TestShop): Promise<readonly unknown[]> {
  return shop.project.host.engine.rows(
    "SELECT dataset, rule, source_ref, raw, occurrences FROM ops.quarantine WHERE status = 'open' ORDER BY ALL",
  );
}
