/** The way of one model from start to published: which steps it takes, and what each of them asks of lake and warehouse. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Lake, LakeTable } from "../../src/lake/lake.ts";
import { createPlan, type Host, type OpenProject } from "../../src/pipeline/index.ts";
import { startRun } from "../../src/runs/index.ts";
import { openShop, shopFiles, type TestShop } from "./shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o1.csv": "order_id,version,day,sku,status,amount\n1,1,2024-01-05,A,paid,10.00\n",
  });
  expect((await shop.run()).state).toBe("success");
  await shop.put("orders/o2.csv", "order_id,version,day,sku,status,amount\n2,1,2024-01-06,A,paid,20.00\n");
  expect((await shop.run({ select: ["bronze"] })).state).toBe("success");
});
afterAll(() => shop.stop());

/** The project, with what is asked of tables of the lake noted. */
function traced({ host, catalogue }: OpenProject, note: (what: string) => void): OpenProject {
  const watch = (dataset: string, table: LakeTable): LakeTable =>
    new Proxy(table, {
      get: (target, name: keyof LakeTable) => {
        const method = target[name];
        if (typeof method !== "function") return method;
        return (...args: unknown[]) => {
          note(`${dataset}.${name}`);
          return Reflect.apply(method, target, args);
        };
      },
    });
  const lake: Lake = { ...host.lake, table: (dataset) => watch(dataset, host.lake.table(dataset)) };
  const changed: Host = { ...host, lake };
  return { host: changed, catalogue };
}

it("a model goes through the five steps once, and asks each thing in the step that it belongs to", async () => {
  let step = "before";
  const trace: string[] = [];
  const note = (what: string): void => {
    const line = `${step}: ${what}`;
    if (!trace.includes(line)) trace.push(line);
  };
  const project = traced(shop.project, note);
  const plan = await createPlan(shop.project, { select: ["silver.orders"] });
  expect(plan.tasks).toMatchObject([{ dataset: "silver.orders", action: "merge" }]);
  const run = startRun(project, plan);
  run.events.subscribe("the test", {
    "task.step": (event) => {
      step = event.step;
      note("begins");
    },
    "task.state": ({ state }) => {
      step = state;
    },
  });
  expect((await run.done).state).toBe("success");
  const inSteps = trace.filter((line) => !/^(before|running|success):/.test(line));
  // No "changes" in the first step: the decision of the plan still holds, so it is not made again.
  expect(inSteps).toEqual([
    "plan: begins",
    "plan: bronze.feed_orders.snapshot",
    "plan: bronze.feed_orders.read",
    "plan: silver.orders.snapshot",
    "plan: silver.orders.read",
    "stage: begins",
    "stage: silver.orders.snapshot",
    "stage: silver.orders.stage",
    "audit: begins",
    "publish: begins",
    "publish: silver.orders.commit",
    "record: begins",
    "record: silver.orders.snapshot",
    "record: silver.orders.read",
  ]);
});

it("a decision is made again when its inputs have moved on", async () => {
  const plan = await createPlan(shop.project, { select: ["silver.orders"] });
  expect(plan.tasks).toMatchObject([{ dataset: "silver.orders", action: "none" }]);
  await shop.put("orders/o3.csv", "order_id,version,day,sku,status,amount\n3,1,2024-01-06,A,paid,5.00\n");
  expect((await shop.run({ select: ["bronze"] })).state).toBe("success");
  const report = await startRun(shop.project, plan).done;
  expect(report.tasks).toMatchObject([{ state: "success", action: "merge", counts: { read: 1 } }]);
});
