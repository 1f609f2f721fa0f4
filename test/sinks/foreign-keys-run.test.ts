/** A project whose gold tables refer to each other, run after run into a real PostgreSQL. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, type TestShop } from "../pipeline/shop.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";

const postgres = await testPostgres();

const config = (tables: string) => `import { defineProject, files, postgres } from "shoplake";
export default defineProject({
  name: "keys", concurrency: 2, retries: { attempts: 1, delayMs: 10 },
  sources: {
    c: files({ path: "customers/*.csv", format: "csv", table: "customers" }),
    o: files({ path: "orders/*.csv", format: "csv", table: "orders" }),
  },
  sinks: { reporting: postgres({ url: ${JSON.stringify(postgres?.url)}, schema: "gold", tables: ${tables} }) },
});`;

const factOrders = (checks: string) => `/*
key: order_id
columns:
  customer_id: { type: Nullable(UInt32), checks: [${checks}] }
*/
SELECT order_id, customer_id FROM silver.orders`;

describe.skipIf(postgres === undefined)("foreign keys, run after run", () => {
  const pg = postgres as TestPostgres;
  let shop: TestShop;

  beforeAll(async () => {
    shop = await openShop({
      "shoplake.config.ts": config("{}"),
      "models/silver/customers.sql":
        "/*\nkey: customer_id\nnewest_by: version\ncolumns: { customer_id: { type: UInt32 } }\n*/\nSELECT customer_id, version, name FROM bronze.c_customers",
      "models/silver/orders.sql":
        "/*\nkey: order_id\nnewest_by: version\ncolumns: { order_id: { type: UInt32 } }\n*/\nSELECT order_id, version, nullIf(customer_id, '') AS customer_id FROM bronze.o_orders",
      "models/gold/z_dim_customers.sql":
        "/*\nkey: customer_id\n*/\nSELECT customer_id, name FROM silver.customers WHERE name != 'gone'",
      "models/gold/fact_orders.sql": factOrders(
        "{ relationships: { to: gold.z_dim_customers.customer_id } }",
      ),
      "customers/1.csv": "customer_id,version,name\n1,1,ann\n2,1,bob\n",
      "orders/1.csv": "order_id,version,customer_id\n10,1,1\n11,1,2\n12,1,\n",
    });
  });
  afterAll(async () => {
    await shop?.stop();
    await pg.stop();
  });

  const text = async (sql: string) =>
    (await pg.client.query<{ x: string }>(sql)).rows.map(({ x }) => x).join(" ");
  const keys = () =>
    text(
      "SELECT conrelid::regclass || '>' || confrelid::regclass AS x FROM pg_constraint WHERE contype = 'f'",
    );
  const orders = () =>
    text("SELECT order_id || ':' || coalesce(customer_id, 0) AS x FROM gold.fact_orders ORDER BY 1");
  const run = async () => {
    const report = await shop.run();
    return Object.fromEntries(report.tasks.map((task) => [task.dataset, task.state]));
  };

  it("delivers the dimension first, whatever its name", async () => {
    expect(Object.keys(await run()).slice(-2)).toEqual([
      "reporting:gold.z_dim_customers",
      "reporting:gold.fact_orders",
    ]);
    expect(await keys()).toBe("gold.fact_orders>gold.z_dim_customers");
    expect(await orders()).toBe("10:1 11:2 12:0");
  });

  it("takes new customers with their orders, and nothing new", async () => {
    await shop.put("customers/2.csv", "customer_id,version,name\n3,1,cid\n");
    await shop.put("orders/2.csv", "order_id,version,customer_id\n13,1,3\n");
    expect(new Set(Object.values(await run()))).toEqual(new Set(["success"]));
    expect(await orders()).toBe("10:1 11:2 12:0 13:3");
    expect(new Set(Object.values(await run()))).toEqual(new Set(["success"]));
    expect(await keys()).toBe("gold.fact_orders>gold.z_dim_customers");
  });

  it("lets a customer go while the last good orders still refer to them, and heals", async () => {
    await shop.put("customers/3.csv", "customer_id,version,name\n2,2,gone\n");
    await shop.put("orders/3.csv", "order_id,version,customer_id\n14,1,1\n");
    expect(await run()).toMatchObject({
      "gold.fact_orders": "failed",
      "reporting:gold.z_dim_customers": "success",
      "reporting:gold.fact_orders": "upstream_failed",
    });
    expect(await text("SELECT customer_id AS x FROM gold.z_dim_customers ORDER BY 1")).toBe("1 3");
    expect(await keys()).toBe("");
    await shop.put("orders/4.csv", "order_id,version,customer_id\n11,2,3\n");
    expect(new Set(Object.values(await run()))).toEqual(new Set(["success"]));
    expect(await orders()).toBe("10:1 11:3 12:0 13:3 14:1");
    expect(await keys()).toBe("gold.fact_orders>gold.z_dim_customers");
  });

  it("follows the project: a check that only warns, another table name", async () => {
    await shop.put(
      "models/gold/fact_orders.sql",
      factOrders("{ relationships: { to: gold.z_dim_customers.customer_id, severity: warn } }"),
    );
    await shop.reopen();
    await run();
    expect(await keys()).toBe("");
    await shop.put(
      "models/gold/fact_orders.sql",
      factOrders("{ relationships: { to: gold.z_dim_customers.customer_id } }"),
    );
    await shop.put("shoplake.config.ts", config('{ "gold.z_dim_customers": "customers" }'));
    await shop.reopen();
    await run();
    expect(await keys()).toBe("gold.fact_orders>gold.customers");
  });
});
