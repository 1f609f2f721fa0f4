/** A source that is down is tried once a run and told once, whatever number of tables it has. */
import { afterEach, expect, it } from "vitest";
import { openShop, shopFiles, type TestShop } from "../pipeline/shop.ts";

let shop: TestShop | undefined;
afterEach(() => shop?.stop());

/** Nothing listens at this port. */
const closed = "postgres://nobody:nothing@127.0.0.1:1/shop";

it("one task says why, the others name it, and what does not need the source is published", async () => {
  const config = shopFiles["shoplake.config.ts"] ?? "";
  const tables = ["a", "b", "c", "d", "e"].map((name) => `${name}: { key: "id" }`).join(", ");
  shop = await openShop({
    "shoplake.config.ts": config
      .replace("defineProject, files", "defineProject, files, postgres")
      .replace("attempts: 1", "attempts: 3")
      .replace(
        "sources: {",
        `sources: {\n    shop: postgres({ url: "${closed}", retries: 1, tables: { ${tables} } }),`,
      ),
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/o1.csv": "order_id,version,day,sku,status,amount\n1,1,2024-01-05,A,paid,10.00\n",
  });
  const began = performance.now();
  const { tasks, state } = await shop.run();
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(state).toBe("failed");
  const ofShop = tasks.filter(({ dataset }) => dataset.startsWith("bronze.shop_"));
  const [told, ...others] = ofShop.toSorted((a, b) => (a.state < b.state ? -1 : 1));
  expect(told).toMatchObject({ state: "failed", attempt: 1, error: { code: "source" } });
  expect(others.map((task) => [task.state, task.error])).toEqual(
    others.map(() => ["upstream_failed", undefined]),
  );
  for (const { reason } of others)
    expect(reason).toBe(`not run: source shop cannot be reached, see ${told?.dataset}`);
  expect(tasks.filter((task) => !ofShop.includes(task)).map((task) => task.state)).toEqual(
    tasks.filter((task) => !ofShop.includes(task)).map(() => "success"),
  );
});
