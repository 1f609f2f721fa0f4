/** Deliveries are retried as models are, but they stage nothing: there is nothing of them to clean. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createPlan } from "../../src/pipeline/index.ts";
import { runPlan } from "../../src/runs/index.ts";
import type { Sink } from "../../src/sinks/sink.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { leftovers } from "./leftovers.ts";
import { openShop, shopFiles, type TestShop, withSink } from "./shop.ts";

let shop: TestShop;
beforeAll(async () => {
  const config = shopFiles["shoplake.config.ts"] ?? "";
  const sinks = 'sinks: { out: files({ directory: "out", format: "csv", select: "gold.ranked" }) },';
  shop = await openShop({
    ...shopFiles,
    "shoplake.config.ts": config
      .replace("attempts: 1", "attempts: 2")
      .replace("sources: {", `${sinks}\n  sources: {`),
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o1.csv": "order_id,version,day,sku,status,amount\n1,1,2024-01-05,A,paid,10.00\n",
  });
  expect((await shop.run()).state).toBe("success");
});
afterAll(() => shop.stop());

it("a delivery that failed is tried again, and takes nothing from a task that stages the dataset meanwhile", async () => {
  const out = shop.project.catalogue.adapters.sink("out");
  const { engine } = shop.project.host;
  let attempts = 0;
  const failsOnce: Sink = {
    ...out,
    write: async (input, context) => {
      if (++attempts > 1) return out.write(input, context);
      throw new ShoplakeError("sink", "the target is not there", { retryable: true });
    },
  };
  await engine.command("CREATE TABLE staging.`ranked@elsewhere` (a UInt8) ENGINE = MergeTree ORDER BY a");
  const project = withSink(shop.project, failsOnce);
  const report = await runPlan(project, await createPlan(project, { select: ["sink:out"] }));
  expect(report.tasks).toMatchObject([{ dataset: "out:gold.ranked", state: "success", attempt: 2 }]);
  expect(await leftovers(shop)).toEqual(["staging.ranked@elsewhere"]);
});
