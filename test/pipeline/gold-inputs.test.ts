/** Gold tables are read under their own name: a run in another process may exchange one while a task reads it. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type OpenedProject, openProject } from "../../src/host/open.ts";
import { createPlan, type OpenProject } from "../../src/pipeline/index.ts";
import { runPlan } from "../../src/runs/index.ts";
import { leftovers } from "./leftovers.ts";
import { openShop, shopFiles, type TestShop, withSink } from "./shop.ts";

const header = "order_id,version,day,sku,status,amount\n";
let shop: TestShop;
let other: OpenedProject;
beforeEach(async () => {
  const config = shopFiles["shoplake.config.ts"] ?? "";
  shop = await openShop({
    ...shopFiles,
    "shoplake.config.ts": config
      .replace("attempts: 1", "attempts: 2")
      .replace(
        "sources: {",
        'sinks: { out: files({ directory: "out", format: "csv", select: "gold.ranked" }) },\n  sources: {',
      ),
    "models/gold/best.sql":
      "/*\ndescription: Months by their largest order.\nkey: month\nreject: { small: largest < 5 }\n*/\nSELECT month, largest FROM gold.ranked",
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o1.csv": `${header}1,1,2024-01-05,A,paid,10.00\n`,
  });
  expect((await shop.run()).state).toBe("success");
  other = await openProject({ dir: shop.dir });
});
afterEach(async () => {
  await other.close();
  await shop.stop();
});

/** A run in another process that publishes gold.ranked anew. */
async function publishElsewhere(): Promise<void> {
  await shop.put("orders/o2.csv", `${header}2,1,2024-01-06,A,paid,20.00\n3,1,2024-02-06,A,paid,1.00\n`);
  expect((await runPlan(other, await createPlan(other, { select: ["+gold.ranked"] }))).state).toBe("success");
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

it("a model that read a gold table which was exchanged meanwhile is built again, from the newer one", async () => {
  const publish = once(publishElsewhere);
  const { host, catalogue } = shop.project;
  const { warehouse } = host;
  const project: OpenProject = {
    catalogue,
    host: {
      ...host,
      warehouse: {
        ...warehouse,
        table: (dataset) => {
          const table = warehouse.table(dataset);
          if (dataset !== "gold.best") return table;
          return { ...table, stage: async (request) => publish().then(() => table.stage(request)) };
        },
      },
    },
  };
  const options = { select: ["gold.best"], fullRefresh: true };
  const report = await runPlan(project, await createPlan(project, options));
  expect(report.tasks).toMatchObject([{ dataset: "gold.best", state: "success", attempt: 2 }]);
  const versions = await warehouse.versions();
  expect(versions.get("gold.best")?.inputs).toEqual({ "gold.ranked": versions.get("gold.ranked")?.version });
  expect(await shop.rows("gold.best")).toEqual(["(20,'2024-01-01')"]);
  expect(await leftovers(shop)).toEqual([]);
});

it("a delivery that read a gold table which was exchanged meanwhile is made again", async () => {
  const publish = once(publishElsewhere);
  const out = shop.project.catalogue.adapters.sink("out");
  const project = withSink(shop.project, {
    ...out,
    write: async (input, context) => publish().then(() => out.write(input, context)),
  });
  await shop.put("orders/o0.csv", `${header}0,1,2024-01-04,A,paid,11.00\n`);
  const report = await runPlan(project, await createPlan(project, { select: ["+sink:out"] }));
  const delivery = report.tasks.at(-1);
  expect(delivery).toMatchObject({ layer: "sink", state: "success", attempt: 2 });
  const versions = await shop.project.host.warehouse.versions();
  expect(delivery?.version).toBe(versions.get("gold.ranked")?.version);
});
