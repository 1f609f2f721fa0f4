/** Maintenance as one writer among others: each dataset under its lease; a locked one does not stop the rest. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Maintained, maintain } from "../../src/app/maintain.ts";
import { openProjectHost } from "../../src/host/open.ts";
import { acquireLease, type Lease, leaseHolders } from "../../src/state/lease.ts";
import { type Owner, openOwner, taskIdOf } from "../../src/state/owners.ts";
import { identityOf } from "../../src/state/process-identity.ts";
import { dataFiles } from "../pipeline/leftovers.ts";
import { openShop, shopFiles, type TestShop } from "../pipeline/shop.ts";

let shop: TestShop;
let other: Owner;
const never = new AbortController().signal;
const header = "order_id,version,day,sku,status,amount\n";

beforeAll(async () => {
  shop = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o0.csv": `${header}0,1,2024-01-05,A,paid,10.00\n`,
  });
  await shop.run();
  await moreFiles(1);
  const { store } = shop.project.host.lake;
  other = openOwner({ store, startedAt: new Date(0), host: "mars", identity: identityOf(process.ppid) });
});
afterAll(async () => {
  await other?.close();
  await shop?.stop();
});

let orders = 1;
/** So many that the files of bronze.feed_orders are worth joining. */
async function moreFiles(from: number): Promise<void> {
  for (let file = from; file < from + 4; file++) {
    await shop.put(`orders/o${file}.csv`, `${header}${orders++},1,2024-01-05,A,paid,10.00\n`);
    await shop.run({ select: ["bronze.feed_orders"] });
  }
}

async function files(dataset: string): Promise<number> {
  return (await shop.project.host.lake.table(dataset).snapshot())?.files.length ?? 0;
}

function of(done: readonly Maintained[], dataset: string): Maintained | undefined {
  return done.find((each) => each.dataset === dataset);
}

function hold(dataset: string): Promise<Lease> {
  return acquireLease(other, dataset, { purpose: "run x" });
}

test("a dataset that stays locked is one clear error; the others are maintained", async () => {
  const lease = await hold("silver.orders");
  expect(await files("bronze.feed_orders")).toBe(5);
  const progress: string[] = [];
  const done = await maintain(
    shop.project.host,
    { wait: 50 },
    { signal: never, progress: ({ dataset }) => progress.push(dataset) },
  );
  expect(progress).toEqual(done.map(({ dataset }) => dataset));
  expect(done.map(({ dataset }) => dataset)).toContain("bronze.catalog_products");
  expect(of(done, "bronze.feed_orders")).toMatchObject({ filesBefore: 5, filesAfter: 1 });
  expect(done.filter(({ error }) => error).map(({ dataset }) => dataset)).toEqual(["silver.orders"]);
  expect(of(done, "silver.orders")?.error).toMatchObject({
    code: "locked",
    message: `silver.orders is being worked on by another process: pid ${process.ppid} on mars, started 1970-01-01T00:00:00.000Z (run x)`,
  });
  await lease.release();
  expect((await maintain(shop.project.host, {}, { signal: never })).filter(({ error }) => error)).toEqual([]);
});

test("an abort ends it while it waits for a lease", async () => {
  const lease = await hold("silver.orders");
  const stop = new AbortController();
  const said: string[] = [];
  const warn = (message: string): void => {
    said.push(message);
    stop.abort();
  };
  const work = maintain(shop.project.host, { datasets: ["orders"] }, { signal: stop.signal, warn });
  await expect(work).rejects.toThrow();
  expect(said).toEqual([expect.stringContaining("waiting for the lease of silver.orders, held by pid")]);
  expect(await leaseHolders(shop.project.host.owner, "silver.orders")).toHaveLength(1);
  await lease.release();
});

test("who has lost the lease while the files were joined commits nothing and leaves nothing", async () => {
  await moreFiles(10);
  const table = shop.project.host.lake.table("bronze.feed_orders");
  const [before, kept] = [await table.snapshot(), await dataFiles(shop.dir)];
  const takeOver = async (): Promise<void> => {
    const [holder] = await leaseHolders(shop.project.host.owner, "bronze.feed_orders");
    if (holder !== undefined)
      await shop.project.host.lake.store.create(
        holder.key.replace(".lease", ".released"),
        Buffer.from("dead"),
      );
  };
  const { lake } = shop.project.host;
  const stolen = {
    ...lake,
    table: (dataset: string) => ({
      ...lake.table(dataset),
      compact: async (options: Parameters<typeof table.compact>[0]) => {
        await takeOver();
        return table.compact(options);
      },
    }),
  };
  const done = await maintain(
    { ...shop.project.host, lake: stolen },
    { datasets: ["bronze.feed_orders"] },
    { signal: never },
  );
  expect(done[0]?.error?.code).toBe("conflict");
  expect((await table.snapshot())?.version).toBe(before?.version);
  expect(await dataFiles(shop.dir)).toEqual(kept);
});

test("vacuum keeps what a living process has staged, however old, and deletes what a dead one left", async () => {
  const { lake, clock } = shop.project.host;
  await other.register();
  const table = lake.table("silver.lines");
  const stage = async (owner: string): Promise<string> => {
    const columns = [{ name: "a", type: "UInt8" }];
    const staged = await table.stage({ select: "SELECT 1 AS a", columns, taskId: taskIdOf(owner, "t") });
    return staged.files[0]?.path ?? "";
  };
  const [living, dead] = [await stage(other.id), await stage("00000000dead")];
  const later = (): Date => new Date(clock().getTime() + 10 * 86_400_000);
  const { openLake } = await import("../../src/lake/lake.ts");
  const host = {
    ...shop.project.host,
    lake: openLake({ store: lake.store, engine: shop.project.host.engine, clock: later }),
  };
  for (const dryRun of [true, false]) {
    const [done] = await maintain(host, { datasets: ["silver.lines"], dryRun }, { signal: never });
    expect(done).toMatchObject({ dataset: "silver.lines", deletedFiles: 1 });
  }
  const left = await dataFiles(shop.dir);
  expect([left.includes(living), left.includes(dead)]).toEqual([true, false]);
});

test("a lease file that is empty stops maintenance for one ttl only", async () => {
  const folder = join(shop.dir, ".shoplake/lake/_leases/silver.products");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "000000009998.lease"), "");
  const { store } = shop.project.host.lake;
  const owner = openOwner({ store, startedAt: new Date(), ttl: 200 });
  const said: string[] = [];
  const done = await maintain(
    { ...shop.project.host, owner },
    { datasets: ["silver.products"], wait: 20_000 },
    { signal: never, warn: (message) => said.push(message) },
  );
  expect(done[0]?.error).toBeUndefined();
  expect(said[0]).toContain("_leases/silver.products/000000009998.lease is empty or damaged");
  await owner.close();
});

test("bad input is refused before anything is done", async () => {
  await expect(
    maintain(shop.project.host, { datasets: ["ordres"] }, { signal: never }),
  ).rejects.toMatchObject({
    code: "usage",
  });
  await expect(
    maintain(shop.project.host, { retentionHours: 1000 }, { signal: never }),
  ).rejects.toMatchObject({
    code: "usage",
  });
});

test("a dataset whose log is damaged is one clear error; the others are maintained", async () => {
  const damaged = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o0.csv": `${header}0,1,2024-01-05,A,paid,10.00\n`,
  });
  try {
    await damaged.run();
    const log = ".shoplake/lake/bronze/catalog_products/_delta_log/00000000000000000000.json";
    await damaged.put(log, "{ no JSON\n");
    const host = await openProjectHost({ dir: damaged.dir });
    const work = maintain(host, {}, { signal: never }).finally(() => host.close());
    await expect(work).resolves.toBeDefined();
    const done = await work;
    expect(of(done, "bronze.catalog_products")).toMatchObject({ filesBefore: 0, error: { code: "lake" } });
    expect(of(done, "bronze.feed_orders")).toMatchObject({ filesAfter: 1 });
    expect(done.filter(({ error }) => error !== undefined)).toHaveLength(1);
  } finally {
    await damaged.stop();
  }
});
