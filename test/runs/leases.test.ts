/** One writer per dataset: a run waits for another one, and does not publish once its lease is gone. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { StagedFiles } from "../../src/lake/lake.ts";
import { createPlan } from "../../src/pipeline/index.ts";
import { startRun } from "../../src/runs/index.ts";
import { acquireLease, type Lease, leaseHolders } from "../../src/state/lease.ts";
import { type Owner, openOwner, taskIdOf } from "../../src/state/owners.ts";
import { identityOf } from "../../src/state/process-identity.ts";
import { leftovers } from "../pipeline/leftovers.ts";
import { openShop, shopFiles, type TestShop } from "../pipeline/shop.ts";

const header = "order_id,version,day,sku,status,amount\n";
let shop: TestShop;
beforeEach(async () => {
  shop = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o1.csv": `${header}1,1,2024-01-05,A,paid,10.00\n`,
  });
});
afterEach(() => shop.stop());

/** What another process does that takes the dataset's lease over: it writes that the holder is dead. */
function takeOver(dataset: string): void {
  const folder = join(shop.dir, ".shoplake/lake/_leases", encodeURIComponent(dataset));
  const last = readdirSync(folder)
    .filter((name) => name.endsWith(".lease"))
    .sort()
    .at(-1);
  if (last === undefined) throw new Error(`nobody has the lease ${dataset}`);
  writeFileSync(join(folder, last.replace(".lease", ".released")), "dead");
}

it.each(["silver.orders", "gold.sales_by_month"])(
  "a run that has lost the lease of %s while it staged publishes nothing and leaves nothing",
  async (dataset) => {
    await shop.run();
    const before = await shop.rows(dataset);
    await shop.put("orders/o2.csv", `${header}2,1,2024-01-06,A,paid,20.00\n`);
    const run = startRun(shop.project, await createPlan(shop.project));
    run.events.subscribe("the test", {
      "task.step": (event) => {
        if (event.dataset === dataset && event.step === "publish") takeOver(dataset);
      },
    });
    const report = await run.done;
    const task = report.tasks.find((candidate) => candidate.dataset === dataset);
    expect([task?.state, task?.error?.code]).toEqual(["failed", "conflict"]);
    expect(await shop.rows(dataset)).toEqual(before);
    expect(await leftovers(shop)).toEqual([]);
  },
);

/** Another process that works on the dataset; it lives. */
async function otherHolds(dataset: string): Promise<{ readonly owner: Owner; readonly lease: Lease }> {
  const identity = identityOf(process.ppid);
  const startedAt = new Date("2024-01-01T00:00:00.000Z");
  const owner = openOwner({ store: shop.project.host.lake.store, startedAt, host: "mars", identity });
  return { owner, lease: await acquireLease(owner, dataset, { purpose: "run other" }) };
}

it("a run waits while another process works on its dataset, naming it", async () => {
  const { owner, lease } = await otherHolds("silver.orders");
  const published: string[] = [];
  const { events, done: running } = startRun(shop.project, await createPlan(shop.project));
  const waiting = new Promise<string>((resolve) => {
    events.subscribe("the test", {
      "task.published": ({ dataset }) => published.push(dataset),
      "task.warning": ({ dataset, message }) => dataset === "silver.orders" && resolve(message),
      "run.finished": () => resolve("it did not wait"),
    });
  });
  const said = await waiting;
  const publishedMeanwhile = published.includes("silver.orders");
  await lease.release();
  const report = await running;
  await owner.close();
  expect(said).toBe(
    `waiting for the lease of silver.orders, held by pid ${process.ppid} on mars, started 2024-01-01T00:00:00.000Z (run other)`,
  );
  expect(publishedMeanwhile).toBe(false);
  expect(report.state).toBe("success");
});

it("a run that waits for a lease ends when it is told to", async () => {
  const { owner } = await otherHolds("silver.orders");
  let asked = 0;
  const plan = await createPlan(shop.project, { select: ["+silver.orders"] });
  const run = startRun(shop.project, plan);
  run.events.subscribe("the test", {
    "task.warning": ({ dataset }) => {
      if (dataset !== "silver.orders") return;
      asked = performance.now();
      run.cancel();
    },
  });
  const report = await run.done;
  expect(performance.now() - asked).toBeLessThan(2000);
  const task = report.tasks.find(({ dataset }) => dataset === "silver.orders");
  expect(task?.error).toMatchObject({ code: "interrupted" });
  expect(task?.error?.message).toContain("waiting for the lease of silver.orders, held by pid");
  expect(await leaseHolders(shop.project.host.owner, "silver.orders")).toHaveLength(1);
  await owner.close();
});

it("what a living process has staged is not cleaned up, though its lease was given back after a failure", async () => {
  await shop.run();
  const { owner, lease } = await otherHolds("silver.lines");
  const table = shop.project.host.lake.table("silver.lines");
  const stage = (taskId: string): Promise<StagedFiles> =>
    table.stage({ select: "SELECT 1 AS a", columns: [{ name: "a", type: "UInt8" }], taskId });
  const living = await stage(taskIdOf(owner.id, "a1"));
  await stage("old-version");
  await stage(taskIdOf("00000000dead", "a1"));
  await lease.release(true);
  await shop.put("orders/o2.csv", `${header}2,1,2024-01-06,A,paid,20.00\n`);
  expect((await shop.run()).state).toBe("success");
  const names = living.files.map(({ path }) => path);
  expect(await leftovers(shop)).toEqual(names);
  const again = await acquireLease(owner, "silver.lines", { purpose: "run other" });
  await again.release(true);
  await owner.close();
  await shop.put("orders/o3.csv", `${header}3,1,2024-01-06,A,paid,20.00\n`);
  expect((await shop.run()).state).toBe("success");
  expect(await leftovers(shop)).toEqual([]);
});
