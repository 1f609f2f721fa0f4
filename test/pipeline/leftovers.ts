/** What a run must not leave behind when it was killed and another one has ended since. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { TestShop } from "./shop.ts";

/** Names of staged tables, views of inputs, and data files that no version of the lake has ever named. */
export async function leftovers(shop: TestShop): Promise<readonly string[]> {
  const { engine } = shop.project.host;
  const tables = await engine.rows<{ name: string }>(
    "SELECT concat(database, '.', name) AS name FROM system.tables WHERE database = 'staging'",
  );
  const views = await engine.rows<{ name: string }>(
    "SELECT name FROM system.databases WHERE startsWith(name, 'run_')",
  );
  const named = await namedFiles(shop);
  const files = (await dataFiles(shop.dir)).filter((name) => !named.has(name));
  return [...[...tables, ...views].map(({ name }) => name), ...files];
}

/** Of all datasets, by name. */
export async function dataFiles(dir: string): Promise<readonly string[]> {
  const entries = await readdir(join(dir, ".shoplake/lake"), { recursive: true, withFileTypes: true });
  return entries
    .filter(
      (entry) =>
        entry.isFile() && entry.name.endsWith(".parquet") && !entry.parentPath.includes("_delta_log"),
    )
    .map((entry) => entry.name);
}

async function namedFiles(shop: TestShop): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const { lake } = shop.project.host;
  for (const dataset of await lake.datasets()) {
    const head = await lake.table(dataset).snapshot();
    for (let version = 0; version <= (head?.version ?? -1); version++) {
      const snapshot = await lake.table(dataset).snapshot(version);
      for (const file of snapshot?.files ?? [])
        names.add(decodeURIComponent(file.path.slice(file.path.lastIndexOf("/") + 1)));
    }
  }
  return names;
}
