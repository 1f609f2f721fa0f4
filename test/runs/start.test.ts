/** A run as an object: its start, its view, what it records while it goes on, and several of them in one process. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Plan } from "../../src/api/plan.ts";
import { createPlan } from "../../src/pipeline/index.ts";
import { startRun } from "../../src/runs/index.ts";
import { runDetail } from "../../src/state/state.ts";
import { openShop, shopFiles, type TestShop } from "../pipeline/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o1.csv": "order_id,version,day,sku,status,amount\n1,1,2024-01-05,A,paid,10.00\n",
  });
});
afterAll(() => shop.stop());

/** Ids of the published versions. */
async function idsOf(...datasets: readonly string[]): Promise<Readonly<Record<string, string | undefined>>> {
  const { lake } = shop.project.host;
  const ids = datasets.map(async (dataset) => [dataset, (await lake.table(dataset).snapshot())?.id] as const);
  return Object.fromEntries(await Promise.all(ids));
}

it("tasks are recorded queued at the start, running when they begin, and at their end with inputs, counts and steps", async () => {
  const { state } = shop.project.host;
  const run = startRun(shop.project, await createPlan(shop.project));
  const atFirst = new Promise<readonly (readonly [string, string])[]>((resolve, reject) => {
    run.events.subscribe("the test", {
      "task.step": ({ dataset, step }) => {
        if (dataset !== "silver.products" || step !== "stage") return;
        const detail = runDetail(state, run.id);
        detail.then(
          (found) => resolve((found?.tasks ?? []).map((task) => [task.dataset, task.state])),
          reject,
        );
      },
    });
  });
  const report = await run.done;
  const states = new Map(await atFirst);
  expect(states.get("silver.products")).toBe("running");
  expect(states.get("gold.sales_by_month")).toBe("queued");
  expect([...states.keys()].sort()).toEqual(report.tasks.map(({ dataset }) => dataset).sort());

  const detail = await runDetail(state, run.id);
  const task = detail?.tasks.find(({ dataset }) => dataset === "gold.sales_by_month");
  expect(task?.inputs).toEqual(await idsOf("silver.orders", "silver.products"));
  expect(Object.keys(task?.stepsMs ?? {}).sort()).toEqual(["audit", "plan", "publish", "record", "stage"]);
  for (const ended of report.tasks) {
    const { stepsMs = {}, durationMs } = ended;
    const sum = Object.values(stepsMs).reduce((total, ms) => total + ms, 0);
    expect(sum).toBeLessThanOrEqual(durationMs + 1);
  }
  expect(report.tasks.find(({ dataset }) => dataset === "silver.orders")?.bytes).toBeGreaterThan(0);
  expect(JSON.parse(JSON.stringify(run.view()))).toMatchObject({ runId: run.id, state: "success" });
});

it("a second run of the same finds nothing to do and says what it read", async () => {
  const report = await shop.run();
  expect(report.tasks.map(({ action }) => action)).toEqual(report.tasks.map(() => "none"));
  expect(report.tasks.find(({ dataset }) => dataset === "gold.ranked")?.inputs).toEqual(
    await idsOf("silver.orders"),
  );
});

it("several runs share the limit of the process, and every one of them ends", async () => {
  const { slots } = shop.project.host;
  const plan = await createPlan(shop.project, { fullRefresh: true });
  const runs = [0, 0, 5].map((priority) => startRun(shop.project, plan, { priority }));
  let most = 0;
  for (const run of runs)
    run.events.subscribe("the test", {
      "task.step": () => {
        most = Math.max(most, slots.busy());
      },
    });
  const reports = await Promise.all(runs.map(({ done }) => done));
  expect(reports.map(({ state }) => state)).toEqual(["success", "success", "success"]);
  expect(most).toBe(2);
  expect(slots.busy()).toBe(0);
});

it.each([
  ["a dependency outside itself", ["silver.x"], /depends on silver\.x, which is not in the plan/],
  ["a task that waits for itself", ["gold.ranked"], /depends on gold\.ranked, which comes later/],
])("a plan with %s is refused at once", async (_, dependsOn, message) => {
  const task = { dataset: "gold.ranked", layer: "gold", action: "full", reason: "", dependsOn } as const;
  const plan: Plan = { tasks: [task], options: {} };
  expect(() => startRun(shop.project, plan)).toThrow(message);
  expect(() =>
    startRun(shop.project, {
      ...plan,
      tasks: [
        { ...task, dependsOn: [] },
        { ...task, dependsOn: [] },
      ],
    }),
  ).toThrow(/two tasks for gold\.ranked/);
});
