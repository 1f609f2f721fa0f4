/** One writer per dataset: a run waits for another one, and does not publish once its lease is gone. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createPlan } from "../../src/pipeline/index.ts";
import { startRun } from "../../src/runs/index.ts";
import { acquireLease } from "../../src/state/lease.ts";
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

/** What another process does that takes the dataset's lease over: it creates the next number. */
function takeOver(dataset: string): void {
  const folder = join(shop.dir, ".shoplake/lake/_leases", encodeURIComponent(dataset));
  const last = readdirSync(folder)
    .filter((name) => name.endsWith(".lease"))
    .sort()
    .at(-1);
  if (last === undefined) throw new Error(`nobody has the lease ${dataset}`);
  const next = String(Number(last.slice(0, -6)) + 1).padStart(12, "0");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${next}.lease`), readFileSync(join(folder, last)));
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

it("a run waits while another process works on its dataset, naming it", async () => {
  const { lake, clock, owner: self } = shop.project.host;
  const owner = { pid: self.pid, host: "mars", startedAt: "2024-01-01T00:00:00.000Z", runId: "other" };
  const lease = await acquireLease(lake.store, "silver.orders", owner, { clock });
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
  expect(said).toBe(
    `waiting for pid ${self.pid} on mars, started 2024-01-01T00:00:00.000Z, which is working on silver.orders`,
  );
  expect(publishedMeanwhile).toBe(false);
  expect(report.state).toBe("success");
});
