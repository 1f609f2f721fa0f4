/** Sources and sinks: opened when they are used, closed together, whatever one of them does. */
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readAddress } from "../../src/engine/discovery.ts";
import { lazyAdapters } from "../../src/host/adapters.ts";
import { loadKinds } from "../../src/host/kinds.ts";
import { openProject } from "../../src/host/open.ts";
import { readProject } from "../../src/project/load.ts";
import { isAlive } from "../../src/util/is-alive.ts";
import { smallShop, writeSmallShop } from "../cli/small-shop.ts";

/** The options of `bad` are refused only when it is opened: a reader cannot do them. */
const config = smallShop["shoplake.config.ts"]?.replace(
  "sources: {",
  `sinks: { one: files({ directory: "one", format: "csv" }), two: files({ directory: "two", format: "csv" }) },
  sources: { other: files({ path: "other/*.csv", format: "csv", table: "rows" }),`,
);
const withBad = config?.replace(
  "sources: {",
  'sources: { bad: files({ path: "inbox/*.csv", format: "csv", table: "rows", delimiter: "x" }),',
);
let shop: ReturnType<typeof writeSmallShop>;
afterEach(() => shop.remove());

const fails = async (): Promise<void> => {
  throw new Error("it does not close");
};

test("nothing is opened before it is used; the same one is given again; unknown names are refused", async () => {
  shop = writeSmallShop({ "shoplake.config.ts": withBad });
  const { project } = await readProject(shop.dir, { env: {}, kinds: await loadKinds() });
  if (project === undefined) throw new Error("the project cannot be read");
  const adapters = lazyAdapters(project, await loadKinds());
  expect(adapters.source("feed")).toBe(adapters.source("feed"));
  expect(() => adapters.source("nowhere")).toThrow("source nowhere is in the plan, but not in the project");
  expect(() => adapters.sink("feed")).toThrow("sink feed is in the plan, but not in the project");
  await adapters.close();
});

test("one that fails to close: all others are closed, and its failure is told", async () => {
  shop = writeSmallShop({ "shoplake.config.ts": config });
  const { project } = await readProject(shop.dir, { env: {}, kinds: await loadKinds() });
  if (project === undefined) throw new Error("the project cannot be read");
  const adapters = lazyAdapters(project, await loadKinds());
  const closed: string[] = [];
  const noted = (name: string) => async () => void closed.push(name);
  Object.assign(adapters.source("feed"), { close: fails });
  Object.assign(adapters.source("other"), { close: noted("other") });
  Object.assign(adapters.sink("one"), {
    close: () => {
      throw new Error("at once");
    },
  });
  Object.assign(adapters.sink("two"), { close: noted("two") });
  await expect(adapters.close()).rejects.toThrow("it does not close");
  expect(closed).toEqual(["other", "two"]);
});

test("the engine ends also when a source fails to close", async () => {
  shop = writeSmallShop({ "shoplake.config.ts": config });
  const project = await openProject({ dir: shop.dir });
  const pid = (await readAddress(join(shop.dir, ".shoplake")))?.pid ?? 0;
  Object.assign(project.catalogue.adapters.source("feed"), { close: fails });
  await expect(project.close()).rejects.toThrow("it does not close");
  expect(pid).toBeGreaterThan(0);
  expect(isAlive(pid)).toBe(false);
});

test("one that cannot be opened is told, and stops nobody else", async () => {
  shop = writeSmallShop({ "shoplake.config.ts": withBad });
  const warnings: string[] = [];
  const project = await openProject({ dir: shop.dir, warn: (message) => warnings.push(message) });
  expect(warnings).toContainEqual(
    expect.stringMatching(/^source bad does not say which tables it has: The delimiter "x" cannot be used/),
  );
  expect(project.catalogue.datasets.get("bronze.feed_orders")?.columns.length).toBeGreaterThan(3);
  await project.close();
  expect(await readAddress(join(shop.dir, ".shoplake"))).toBeUndefined();
});
