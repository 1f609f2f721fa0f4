/** What lives as long as the process: nothing is left when it ends, or when it could not begin. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readAddress } from "../../src/engine/discovery.ts";
import { openProject, openProjectHost } from "../../src/host/open.ts";
import { isAlive } from "../../src/util/is-alive.ts";
import { smallShop, writeSmallShop } from "../cli/small-shop.ts";

let shop: ReturnType<typeof writeSmallShop>;
afterEach(() => shop.remove());

const enginePid = async (): Promise<number> => (await readAddress(join(shop.dir, ".shoplake")))?.pid ?? 0;

test("a host answers without a source or a model, and takes its engine with it", async () => {
  shop = writeSmallShop({ "models/silver/orders.sql": "no SQL", inbox: undefined });
  const host = await openProjectHost({ dir: shop.dir });
  expect(await host.engine.rows("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  expect(host.files().problems.length + host.files().broken.length).toBeGreaterThanOrEqual(0);
  const pid = await enginePid();
  expect(isAlive(pid)).toBe(true);
  await host.close();
  expect(isAlive(pid)).toBe(false);
});

test("the state cannot be opened: the engine that was started for it ends", async () => {
  shop = writeSmallShop();
  const first = await openProjectHost({ dir: shop.dir });
  await first.engine.command("CREATE OR REPLACE VIEW ops.schema_version AS SELECT 999 AS version");
  await first.close();
  let pid = 0;
  const watch = setInterval(() => {
    void enginePid().then((found) => {
      pid = found || pid;
    });
  }, 5);
  await expect(openProjectHost({ dir: shop.dir })).rejects.toThrow(
    "the state of this project has version 999",
  );
  clearInterval(watch);
  expect(pid).toBeGreaterThan(0);
  expect(isAlive(pid)).toBe(false);
});

test("a catalogue that cannot be resolved: the engine ends, and all problems are told", async () => {
  shop = writeSmallShop({ "models/silver/orders.sql": "SELECT nowhere FROM bronze.feed_orders\n" });
  await expect(openProject({ dir: shop.dir })).rejects.toMatchObject({ code: "config" });
  expect(await enginePid()).toBe(0);
});

test("a project without its sources' variables is refused before an engine is started", async () => {
  shop = writeSmallShop({
    "shoplake.config.ts": smallShop["shoplake.config.ts"]
      ?.replace("defineProject, ", "defineProject, env, ")
      .replace('"inbox/*.csv"', 'env("INBOX")'),
  });
  await expect(openProject({ dir: shop.dir, env: {} })).rejects.toMatchObject({ code: "config" });
  const project = await openProject({ dir: shop.dir, env: {}, askSources: false, leaveOutWrong: true });
  expect([...project.catalogue.datasets.keys()]).toContain("gold.daily_sales");
  await project.close();
  rmSync(join(shop.dir, ".shoplake"), { recursive: true });
  writeFileSync(join(shop.dir, ".env"), "INBOX=inbox/*.csv\n");
  const whole = await openProject({ dir: shop.dir, env: {} });
  expect(readFileSync(join(shop.dir, ".env"), "utf8")).toBe("INBOX=inbox/*.csv\n");
  await whole.close();
});
