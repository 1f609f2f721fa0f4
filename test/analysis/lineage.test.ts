import { afterAll, beforeAll, expect, test } from "vitest";
import { lineageOf } from "../../src/analysis/lineage.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { modelWith } from "../project/model.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

const inputs = {
  "silver.orders": [
    { name: "order_id", type: "UInt32" },
    { name: "customer_id", type: "UInt32" },
    { name: "total", type: "Decimal(18, 2)" },
    { name: "ordered", type: "DateTime" },
    { name: "status", type: "String" },
    { name: "address", type: "Tuple(city String, zip String)" },
    { name: "items", type: "Nested(sku String, qty UInt8)" },
  ],
  "silver.customers": [
    { name: "customer_id", type: "UInt32" },
    { name: "country", type: "String" },
  ],
};

async function lineage(sql: string) {
  return lineageOf(t.engine, modelWith({ sql }), inputs);
}

test("direct inputs of each column, and the inputs that decide about rows", async () => {
  expect(
    await lineage(`WITH paid AS (SELECT *, total * 2 AS double FROM silver.orders WHERE status = 'paid')
      SELECT c.country AS country, toStartOfMonth(p.ordered) AS month, sum(p.double) AS revenue, count() AS n, 'EUR' AS currency
      FROM paid AS p LEFT JOIN silver.customers AS c USING (customer_id) GROUP BY country, month HAVING max(p.order_id) > 1`),
  ).toEqual({
    columns: {
      country: ["silver.customers.country"],
      month: ["silver.orders.ordered"],
      revenue: ["silver.orders.total"],
      n: [],
      currency: [],
    },
    rows: [
      "silver.customers.country",
      "silver.customers.customer_id",
      "silver.orders.customer_id",
      "silver.orders.order_id",
      "silver.orders.ordered",
      "silver.orders.status",
    ],
  });
});

test.each([
  [
    "union",
    "SELECT order_id AS id FROM silver.orders UNION ALL SELECT customer_id FROM silver.customers",
    { id: ["silver.customers.customer_id", "silver.orders.order_id"] },
  ],
  [
    "window",
    "SELECT row_number() OVER (PARTITION BY customer_id ORDER BY ordered) AS n FROM silver.orders",
    { n: ["silver.orders.customer_id", "silver.orders.ordered"] },
  ],
  [
    "lambda",
    "SELECT arrayMap(x -> concat(x, status), items.sku) AS a FROM silver.orders",
    { a: ["silver.orders.items", "silver.orders.status"] },
  ],
  [
    "array join",
    "SELECT sku FROM silver.orders ARRAY JOIN items.sku AS sku",
    { sku: ["silver.orders.items"] },
  ],
  [
    "parts of a tuple",
    "SELECT address.city AS city, address.1 AS first FROM silver.orders",
    { city: ["silver.orders.address"], first: ["silver.orders.address"] },
  ],
  [
    "scalar subquery",
    "SELECT total / (SELECT sum(total) FROM silver.orders WHERE status = 'x') AS share FROM silver.orders",
    { share: ["silver.orders.status", "silver.orders.total"] },
  ],
  [
    "star",
    "SELECT * FROM silver.customers",
    { customer_id: ["silver.customers.customer_id"], country: ["silver.customers.country"] },
  ],
  [
    "full join",
    "SELECT customer_id FROM silver.orders FULL JOIN silver.customers USING (customer_id)",
    { customer_id: ["silver.customers.customer_id", "silver.orders.customer_id"] },
  ],
  [
    "parameter and condition",
    "SELECT if(status = 'x', {today:Date}, toDate(ordered)) AS d FROM silver.orders",
    { d: ["silver.orders.ordered", "silver.orders.status"] },
  ],
])("%s", async (_name, sql, columns) => {
  expect((await lineage(sql)).columns).toEqual(columns);
});
