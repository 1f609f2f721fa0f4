/** State of release 0.1.0 names versions by their numbers: it counts as up to date, and gets ids with the next publication. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { arrivals, deliver, everything, restoredFiles } from "./restored.ts";
import { copyShop, openShop, type TestShop } from "./shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openShop(restoredFiles);
  await deliver(shop, arrivals.first);
  await shop.run();
});
afterAll(() => shop.stop());

const newer = /"appId":"shoplake:(commit|commit_version|input_mark:[^"]*)"/;

/** Takes out of every commit what release 0.1.0 did not write. */
async function stripCommits(): Promise<void> {
  const lake = join(shop.dir, ".shoplake/lake");
  for (const entry of await readdir(lake, { recursive: true })) {
    if (!/_delta_log\/\d{20}\.json$/.test(entry)) continue;
    const path = join(lake, entry);
    const lines = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, lines.filter((line) => !newer.test(line)).join("\n"));
  }
}

/** The same in the comments of gold tables, and in what is recorded. */
async function stripRecords(): Promise<void> {
  const { engine } = shop.project.host;
  const tables = await engine.rows<{ name: string; comment: string }>(
    "SELECT name, comment FROM system.tables WHERE database = 'gold'",
  );
  for (const { name, comment } of tables) {
    const { inputMarks: _, ...record } = JSON.parse(comment).shoplake;
    const text = JSON.stringify({ shoplake: record }).replaceAll("'", "\\'");
    await engine.command(`ALTER TABLE gold.${name} MODIFY COMMENT '${text}'`);
  }
  await engine.command(
    "ALTER TABLE ops.publications_log UPDATE version_id = '' WHERE 1 SETTINGS mutations_sync = 1",
  );
}

const actions = async () =>
  (await shop.run()).tasks.filter(({ layer }) => layer !== "sink").map(({ action }) => action);

it("the first run after the upgrade does nothing, the next delivery is built on what is there", async () => {
  await stripRecords();
  await shop.reopen(stripCommits);
  const before = await shop.project.host.state.publications.newest();
  expect(new Set(await actions())).toEqual(new Set(["none"]));
  expect(await shop.project.host.state.publications.newest()).toEqual(before);
  await deliver(shop, arrivals.later);
  const report = await shop.run();
  const merged = report.tasks.find(({ dataset }) => dataset === "silver.orders");
  expect(merged).toMatchObject({ state: "success", action: "merge" });
  const whole = await copyShop(shop.dir);
  await whole.run();
  const [ours, theirs] = [await everything(shop), await everything(whole)];
  await whole.stop();
  expect(ours).toEqual(theirs);
  const last = await shop.project.host.state.publications.newest();
  expect(last.get("silver.orders")?.versionId).toMatch(/^[0-9a-f-]{36}\/[0-9a-f]{13}@1$/);
  expect(last.get("silver.orders")?.inputs).toEqual({
    "bronze.feed_orders": (await shop.project.host.lake.table("bronze.feed_orders").snapshot())?.id,
  });
});
