/** Cancelling: in every step, in every wait, before the start. It ends at once, leaves nothing staged, and the next run does what is left. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunReport } from "../../src/api/runs.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createPlan } from "../../src/pipeline/index.ts";
import { type Run, startRun } from "../../src/runs/index.ts";
import type { Sink } from "../../src/sinks/sink.ts";
import { acquireLease } from "../../src/state/lease.ts";
import { type Owner, openOwner } from "../../src/state/owners.ts";
import { identityOf } from "../../src/state/process-identity.ts";
import { runDetail } from "../../src/state/state.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { leftovers } from "../pipeline/leftovers.ts";
import { modelDatasets, openShop, shopFiles, type TestShop, withSink } from "../pipeline/shop.ts";

const header = "order_id,version,day,sku,status,amount\n";
const config = shopFiles["shoplake.config.ts"] ?? "";
let shop: TestShop;
beforeEach(async () => {
  shop = await openShop({
    ...shopFiles,
    "shoplake.config.ts": config.replace(
      "sources: {",
      'sinks: { out: files({ directory: "out", format: "csv", select: "gold.ranked" }) },\n  sources: {',
    ),
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\nB,1,toys,Beta\n",
    "orders/o1.csv": `${header}1,1,2024-01-05,A,paid,10.00\n2,1,2024-02-05,B,paid,20.00\n`,
  });
});
afterEach(() => shop.stop());

/** New rows: merges, appends, rebuilt partitions. */
const putMore = () =>
  shop.put(
    "orders/o2.csv",
    `${header}2,2,2024-02-05,B,paid,25.00\n3,1,2024-02-07,A,paid,7\n4,1,2024-02-07,A,paid,-7\n`,
  );

/** The report, and how long the run went on after it was cancelled, ms. */
async function ended(run: Run, cancelledAt: () => number): Promise<{ report: RunReport; took: number }> {
  const report = await run.done;
  return { report, took: performance.now() - cancelledAt() };
}

const states = ({ tasks }: RunReport, dataset: string) =>
  tasks.find((task) => task.dataset === dataset)?.state;

/** Another process of this machine; it lives. */
function otherProcess(): Owner {
  const { store } = shop.project.host.lake;
  return openOwner({ store, startedAt: new Date(), host: "mars", identity: identityOf(process.ppid) });
}

/** What ops says of a run. */
async function recorded(runId: string) {
  const detail = await runDetail(shop.project.host.state, runId);
  return {
    run: detail?.run.state,
    tasks: new Map(detail?.tasks.map(({ dataset, state }) => [dataset, state])),
  };
}

async function expectSound(): Promise<void> {
  expect(await leftovers(shop)).toEqual([]);
  expect((await shop.run()).state).toBe("success");
  expect(await shop.rows("gold.sales_by_month")).toEqual([
    "('books','2024-01-01',1,10)",
    "('books','2024-02-01',1,7)",
    "('toys','2024-02-01',1,25)",
  ]);
  const counts = await shop.project.host.engine.rows(
    "SELECT rule, toString(count()) AS n FROM ops.quarantine GROUP BY rule",
  );
  expect(counts).toEqual([{ rule: "negative_amount", n: "1" }]);
}

describe("cancelled in a step", () => {
  const places = [
    "bronze.feed_orders, plan",
    "bronze.feed_orders, stage",
    "bronze.feed_orders, publish",
    "silver.orders, plan",
    "silver.orders, stage",
    "silver.orders, audit",
    "silver.orders, publish",
    "gold.sales_by_month, stage",
    "gold.sales_by_month, audit",
    "gold.ranked, publish",
    "out:gold.ranked, plan",
  ];
  it.each(places)("%s: the task and what follows it are cancelled", async (place) => {
    const [dataset, step] = place.split(", ");
    await shop.run();
    await putMore();
    const before = await Promise.all(modelDatasets.map((name) => shop.rows(name)));
    const run = startRun(shop.project, await createPlan(shop.project));
    let at = 0;
    run.events.subscribe("the test", {
      "task.step": (event) => {
        if (event.dataset !== dataset || event.step !== step || at > 0) return;
        at = performance.now();
        run.cancel("enough");
      },
    });
    const { report, took } = await ended(run, () => at);
    expect(at).toBeGreaterThan(0);
    expect(took).toBeLessThan(2000);
    expect(report.state).toBe("cancelled");
    expect(states(report, dataset ?? "")).toBe("cancelled");
    const open = report.tasks.filter(({ state }) => !["success", "cancelled"].includes(state));
    expect(open).toEqual([]);
    for (const task of report.tasks.filter(({ state }) => state === "cancelled"))
      expect(task.error).toMatchObject({ code: "interrupted", message: expect.stringContaining("enough") });
    const { run: runState, tasks } = await recorded(run.id);
    expect(runState).toBe("cancelled");
    expect(tasks).toEqual(new Map(report.tasks.map((task) => [task.dataset, task.state])));
    const published = new Set(
      report.tasks.filter(({ state }) => state === "success").map((task) => task.dataset),
    );
    for (const [i, name] of modelDatasets.entries())
      if (!published.has(name)) expect(await shop.rows(name)).toEqual(before[i]);
    expect(run.view()).toMatchObject({ state: "cancelled" });
    await expectSound();
  });

  it("record: what is published is recorded, and the task has succeeded", async () => {
    await shop.run();
    await putMore();
    const run = startRun(shop.project, await createPlan(shop.project));
    run.events.subscribe("the test", {
      "task.step": (event) => {
        if (event.dataset === "silver.orders" && event.step === "record") run.cancel();
      },
    });
    const report = await run.done;
    expect([report.state, states(report, "silver.orders")]).toEqual(["cancelled", "success"]);
    expect(states(report, "gold.sales_by_month")).toBe("cancelled");
    await expectSound();
  });

  it("while a merge has working tables: they go too", async () => {
    await shop.run();
    await putMore();
    const { host, catalogue } = shop.project;
    let cancel = (): void => undefined;
    const command: Engine["command"] = async (sql, options) => {
      const summary = await host.engine.command(sql, options);
      if (sql.startsWith("CREATE TABLE") && sql.includes("@old")) cancel();
      return summary;
    };
    const project = { catalogue, host: { ...host, engine: { ...host.engine, command } } };
    const run = startRun(project, await createPlan(project));
    cancel = () => run.cancel();
    const report = await run.done;
    expect(states(report, "silver.orders")).toBe("cancelled");
    await expectSound();
  });

  it("some milliseconds into it, wherever that is", async () => {
    await shop.run();
    for (const delay of [1, 5, 20, 60, 150, 400]) {
      await shop.put(`orders/late-${delay}.csv`, `${header}${1000 + delay},1,2024-03-07,A,paid,1\n`);
      const run = startRun(shop.project, await createPlan(shop.project));
      setTimeout(() => run.cancel(), delay);
      const report = await run.done;
      expect(["cancelled", "success"]).toContain(report.state);
      expect(await leftovers(shop)).toEqual([]);
    }
    expect((await shop.run()).state).toBe("success");
  });
});

it("before the start: nothing is begun, everything is cancelled and recorded so", async () => {
  const plan = await createPlan(shop.project);
  const run = startRun(shop.project, plan);
  expect(run.view().state).toBe("queued");
  run.cancel("not today");
  const report = await run.done;
  expect(report.state).toBe("cancelled");
  expect(report.tasks.map(({ state, attempt }) => [state, attempt])).toEqual(
    plan.tasks.map(() => ["cancelled", 0]),
  );
  expect((await recorded(run.id)).run).toBe("cancelled");
  expect(await shop.rows("silver.orders")).toEqual(["(not published)"]);
});

it("while it waits for the lease of another process", async () => {
  await shop.run();
  await putMore();
  const lease = await acquireLease(otherProcess(), "silver.orders", { purpose: "run other" });
  const run = startRun(shop.project, await createPlan(shop.project));
  let at = 0;
  run.events.subscribe("the test", {
    "task.warning": ({ dataset, message }) => {
      if (dataset !== "silver.orders" || !message.startsWith("waiting")) return;
      at = performance.now();
      run.cancel();
    },
  });
  const { report, took } = await ended(run, () => at);
  expect(took).toBeLessThan(2000);
  expect(report.state).toBe("cancelled");
  expect(report.tasks.find(({ dataset }) => dataset === "silver.orders")).toMatchObject({
    state: "cancelled",
    attempt: 0,
  });
  await lease.release();
  await expectSound();
});

it("while it waits for a slot, and a task that waits for a lease holds none", async () => {
  const { host } = shop.project;
  const never = new AbortController().signal;
  const others = [1, 2].map((n) => host.slots.slot({ of: `other ${n}`, signal: never }));
  for (const slot of others) await slot.enter();
  const run = startRun(shop.project, await createPlan(shop.project));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(run.view().tasks.map(({ state }) => state)).toEqual(run.view().tasks.map(() => "queued"));
  const at = performance.now();
  run.cancel();
  const report = await run.done;
  expect(performance.now() - at).toBeLessThan(2000);
  expect(report.state).toBe("cancelled");
  for (const slot of others) slot.leave();
  expect(host.slots.busy()).toBe(0);

  const other = otherProcess();
  const leases = await Promise.all(
    ["bronze.feed_orders", "bronze.catalog_products"].map((name) =>
      acquireLease(other, name, { purpose: "run other" }),
    ),
  );
  const waiting = startRun(shop.project, await createPlan(shop.project));
  const warned = new Set<string>();
  await new Promise<void>((resolve) => {
    waiting.events.subscribe("the test", {
      "task.warning": ({ dataset }) => {
        warned.add(dataset);
        if (warned.size === 2) resolve();
      },
    });
  });
  expect(host.slots.busy()).toBe(0);
  for (const lease of leases) await lease.release();
  expect((await waiting.done).state).toBe("success");
});

it("between two attempts", async () => {
  await shop.put(
    "shoplake.config.ts",
    `${config.replace("attempts: 1, delayMs: 10", "attempts: 3, delayMs: 60_000").replace("sources: {", 'sinks: { out: files({ directory: "out", format: "csv", select: "gold.ranked" }) },\n  sources: {')}`,
  );
  await shop.reopen();
  const out = shop.project.catalogue.adapters.sink("out");
  const failing: Sink = {
    ...out,
    write: async () => {
      throw new ShoplakeError("sink", "not now", { retryable: true });
    },
  };
  const project = withSink(shop.project, failing);
  const run = startRun(project, await createPlan(project));
  let at = 0;
  run.events.subscribe("the test", {
    "task.state": ({ state }) => {
      if (state !== "up_for_retry") return;
      at = performance.now();
      run.cancel();
    },
  });
  const { report, took } = await ended(run, () => at);
  expect(took).toBeLessThan(2000);
  expect(report.tasks.find(({ layer }) => layer === "sink")).toMatchObject({
    state: "cancelled",
    attempt: 1,
  });
});

it("during planning: it ends with the reason, and no view is left", async () => {
  await shop.run();
  await putMore();
  await shop.run({ select: ["bronze"] });
  for (let nth = 1; nth <= 6; nth++) {
    const stop = new AbortController();
    const { host, catalogue } = shop.project;
    let statements = 0;
    const rows: Engine["rows"] = (sql, options) => {
      if (++statements === nth) stop.abort(new ShoplakeError("interrupted", "enough"));
      return host.engine.rows(sql, options);
    };
    const engine = { ...host.engine, rows };
    const project = { catalogue, host: { ...host, engine } };
    const started = performance.now();
    await createPlan(project, {}, stop.signal).then(
      () => expect(stop.signal.aborted).toBe(false),
      (error: unknown) => expect(error).toBeDefined(),
    );
    expect(performance.now() - started).toBeLessThan(5000);
    expect(await leftovers(shop)).toEqual([]);
  }
});
