import { afterAll, beforeAll, expect, it } from "vitest";
import type { Reading } from "../../src/pipeline/context.ts";
import { boundSelect } from "../../src/pipeline/plan/bound-select.ts";
import { resolveInputs } from "../../src/pipeline/plan/inputs.ts";
import { openPins } from "../../src/pipeline/plan/pins.ts";
import { openShop, shopFiles, type TestShop } from "./shop.ts";

const header = "order_id,version,day,sku,status,amount\n";
let shop: TestShop;
beforeAll(async () => {
  shop = await openShop({
    ...shopFiles,
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o1.csv": `${header}1,1,2024-01-05,A,paid,10.00\n`,
  });
  await shop.run();
});
afterAll(() => shop.stop());

it("a task reads its inputs as they stood when it was planned, whatever is published meanwhile", async () => {
  const { project } = shop;
  const model = project.catalogue.project.models.find(({ dataset }) => dataset === "gold.ranked");
  if (model === undefined) throw new Error("the shop has no gold.ranked");
  const pins = openPins(project.host.engine, project.host.newId());
  const reading: Reading = {
    ...project,
    pins,
    fullRefresh: false,
    interval: undefined,
    signal: new AbortController().signal,
  };
  const planned = await resolveInputs(project.host, model.dataset, model.dependencies);
  const sql = await boundSelect(reading, model, planned);
  await shop.put("orders/o2.csv", `${header}1,2,2024-01-05,A,paid,99.00\n`);
  expect((await shop.run()).state).toBe("success");
  expect(await project.host.engine.rows(`SELECT largest FROM (${sql})`)).toEqual([{ largest: "10" }]);
  const now = await resolveInputs(project.host, model.dataset, model.dependencies);
  expect(
    await project.host.engine.rows(`SELECT largest FROM (${await boundSelect(reading, model, now)})`),
  ).toEqual([{ largest: "99" }]);
  await pins.drop();
});
