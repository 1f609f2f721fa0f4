import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import {
  describe as describeSql,
  queryTree,
  rewriteTablesChecked,
  sampleParameters,
  tablesOf,
} from "../../src/engine/introspect.ts";
import { parametersOf } from "../../src/engine/parameters.ts";
import { parseQueryTree, walk } from "../../src/engine/query-tree.ts";
import { rewriteTables } from "../../src/engine/rewrite.ts";
import { embeddedForTests, type TestEngine } from "./harness.ts";

let t: TestEngine;
let engine: Engine;
beforeAll(async () => {
  t = await embeddedForTests();
  engine = t.engine;
  for (const db of ["silver", "other"]) {
    await engine.command(`CREATE DATABASE ${db}`);
    for (const name of ["orders", "orders_v2"])
      await engine.command(
        `CREATE TABLE ${db}.${name} (order_id UInt64, customer_id UInt64, total Decimal(18, 2), ordered DateTime, status String) ENGINE = Memory`,
      );
  }
  await engine.command("CREATE TABLE silver.customers (customer_id UInt64, country String) ENGINE = Memory");
});
afterAll(() => t.stop());

describe("tablesOf", () => {
  test.each([
    ["SELECT 1", []],
    ["SELECT a FROM silver.nowhere", ["silver.nowhere"]],
    ['SELECT a FROM "silver"."nowhere" AS x, `gold`.y', ["gold.y", "silver.nowhere"]],
    ["WITH c AS (SELECT * FROM silver.a) SELECT * FROM c JOIN c AS d ON 1 = 1", ["silver.a"]],
    ["SELECT * FROM silver.a UNION ALL SELECT * FROM silver.b", ["silver.a", "silver.b"]],
    ["SELECT * FROM silver.a INTERSECT SELECT * FROM silver.b", ["silver.a", "silver.b"]],
    [
      "SELECT (SELECT max(x) FROM silver.b) FROM silver.a WHERE EXISTS (SELECT 1 FROM silver.c)",
      ["silver.a", "silver.b", "silver.c"],
    ],
    [
      "SELECT 1 FROM silver.a AS t WHERE x IN silver.b AND y NOT IN (SELECT q FROM silver.c)",
      ["silver.a", "silver.b", "silver.c"],
    ],
    ["SELECT 'FROM silver.z' /* silver.y */ FROM silver.a -- silver.x", ["silver.a"]],
    ["SELECT * FROM view(SELECT * FROM silver.a)", ["silver.a"]],
    ["SELECT d FROM silver.a WHERE d >= {since:Date} AND e IN {list:Array(String)}", ["silver.a"]],
  ])("%s", async (sql, expected) => {
    expect(await tablesOf(engine, sql)).toEqual(expected);
  });

  test.each(["DROP TABLE silver.orders", "SHOW TABLES", "INSERT INTO silver.orders SELECT 1"])(
    "refuses %s",
    async (sql) => {
      await expect(tablesOf(engine, sql)).rejects.toThrow();
    },
  );
});

test("parameters are found by tokens, not inside text", () => {
  expect(
    parametersOf(
      "SELECT '{a:Int8}', {b:Int8} -- {c:Int8}\n, {d : Nullable(Decimal(18,  2))}, {b:Int8}, `{e:Int8}`, {'x': 1}, map('k', 1)",
    ),
  ).toEqual({ b: "Int8", d: "Nullable(Decimal(18, 2))" });
});

test("every kind of parameter gets a value that its type accepts", async () => {
  const types = [
    "UInt8",
    "Int256",
    "Float64",
    "Decimal(18, 2)",
    "Date",
    "Date32",
    "DateTime",
    "DateTime('Europe/Berlin')",
    "DateTime64(3)",
    "Bool",
    "String",
    "FixedString(8)",
    "UUID",
    "IPv4",
    "IPv6",
    "Array(String)",
    "Map(String, UInt8)",
    "Nullable(Date)",
    "LowCardinality(String)",
    "Enum8('it''s' = 1, 'b' = 2)",
  ];
  const parameters = Object.fromEntries(types.map((type, i) => [`p${i}`, type]));
  const sql = `SELECT ${Object.entries(parameters).map(([name, type]) => `{${name}:${type}}`)}`;
  await engine.rows(sql, { params: sampleParameters(parameters) });
  expect((await describeSql(engine, sql)).length).toBe(types.length);
});

test("describe gives names and types without running", async () => {
  expect(
    await describeSql(
      engine,
      "SELECT order_id, total * 2 AS double, {x:Nullable(Date)} AS d, sleep(3) FROM silver.orders -- end",
    ),
  ).toEqual([
    { name: "order_id", type: "UInt64" },
    { name: "double", type: "Decimal(18, 2)" },
    { name: "d", type: "Nullable(Date)" },
    { name: "sleep(3)", type: "UInt8" },
  ]);
});

describe("query tree", () => {
  test("parses names and texts that look like the dump itself", async () => {
    const tree = await queryTree(
      engine,
      "SELECT 'x, constant_value_type: y\n  WHERE' AS `a, b: c`, order_id AS `we\nird String`, ordered AS ` x`, [tuple(1, 'z')] AS t FROM silver.orders AS `o, table_name: z`",
    );
    expect(tree.columns).toEqual(["a, b: c", "we\nird String", " x", "t"]);
    expect(tree.sections["JOIN TREE"]?.[0]?.attributes["table_name"]).toBe("silver.orders");
    expect(tree.sections["PROJECTION"]?.[0]?.attributes).toMatchObject({
      constant_value: "'x, constant_value_type: y\\n  WHERE'",
      constant_value_type: "String",
    });
  });

  test("parses every clause", async () => {
    const tree = await queryTree(
      engine,
      `WITH c AS (SELECT *, total AS t FROM silver.orders)
       SELECT DISTINCT country, sum(t) AS s, row_number() OVER (PARTITION BY country ORDER BY s DESC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS n,
         arrayMap(x -> x + 1, [1]) AS a, quantile(0.5)(t), j, any(status) IGNORE NULLS, sumIf(t, status = 'x'), (SELECT 1), CASE country WHEN 'a' THEN 1 END
       FROM c LEFT ANY JOIN silver.customers AS u USING (customer_id) ARRAY JOIN [1, 2] AS j
       PREWHERE 1 WHERE status IN ('a', 'b') GROUP BY GROUPING SETS ((country, j), (country)) HAVING s > 1 QUALIFY n = 1
       ORDER BY country WITH FILL, s LIMIT 2 BY country LIMIT 1, 10 SETTINGS join_use_nulls = 1`.replace(
        "PREWHERE 1 ",
        "",
      ),
    );
    expect(Object.keys(tree.sections)).toMatchInlineSnapshot(`
      [
        "PROJECTION",
        "JOIN TREE",
        "WHERE",
        "GROUP BY",
        "HAVING",
        "QUALIFY",
        "ORDER BY",
        "LIMIT BY LIMIT",
        "LIMIT BY",
        "LIMIT",
        "OFFSET",
      ]
    `);
    expect([...walk(tree)].length).toBeGreaterThan(60);
  });

  test("text of another shape throws", () => {
    for (const text of [
      "",
      "what",
      "QUERY id: 0\n   PROJECTION",
      "QUERY id: 0\n  PROJECTION\n    LIST id: 1, nodes: 2\n      X id: 2",
      "QUERY id: 0\nQUERY id: 1",
    ])
      expect(() => parseQueryTree(text), text).toThrow(/query tree/);
  });
});

describe("rewriteTables", () => {
  const map = { "silver.orders": "other.orders_v2", "silver.customers": "silver.customers" };

  test.each([
    ["SELECT * FROM silver.orders", "SELECT * FROM `other`.`orders_v2` AS `orders`"],
    ["SELECT * FROM silver.orders o", "SELECT * FROM `other`.`orders_v2` o"],
    ["SELECT * FROM silver.orders AS o FINAL", "SELECT * FROM `other`.`orders_v2` AS o FINAL"],
    [
      "SELECT silver.orders.total FROM silver . orders",
      "SELECT `other`.`orders_v2`.total FROM `other`.`orders_v2` AS `orders`",
    ],
    [
      "SELECT 'silver.orders' /* silver.orders */ FROM `silver`.\"orders\" -- silver.orders",
      "SELECT 'silver.orders' /* silver.orders */ FROM `other`.`orders_v2` AS `orders` -- silver.orders",
    ],
    ["SELECT 1 WHERE 1 IN silver.orders", "SELECT 1 WHERE 1 IN `other`.`orders_v2`"],
    [
      "SELECT * FROM silver.customers, silver.ordersx, x.silver.orders",
      "SELECT * FROM `silver`.`customers`, silver.ordersx, x.silver.orders",
    ],
    [
      "SELECT * FROM silver.orders JOIN gold.orders USING (a)",
      "SELECT * FROM `other`.`orders_v2` JOIN `other`.`x` USING (a)",
    ],
  ])("%s", (sql, expected) => {
    expect(rewriteTables(sql, { ...map, "gold.orders": "other.x" })).toBe(expected);
  });

  test.each([
    "SELECT orders.total, silver.orders.order_id, total FROM silver.orders WHERE silver.orders.total > 0",
    "SELECT o.total FROM silver.orders AS o LEFT JOIN silver.customers USING (customer_id) WHERE customers.country = ''",
    "WITH orders AS (SELECT * FROM silver.orders) SELECT total FROM orders WHERE order_id IN (SELECT order_id FROM silver.orders)",
    "SELECT a.total, b.total FROM silver.orders AS a, silver.orders AS b WHERE a.order_id = b.customer_id",
    "FROM silver.orders SELECT total",
  ])("stays valid and reads the other tables: %s", async (sql) => {
    const rewritten = await rewriteTablesChecked(engine, sql, map);
    expect(await tablesOf(engine, rewritten)).toContain("other.orders_v2");
    expect(await describeSql(engine, rewritten)).toEqual(await describeSql(engine, sql));
  });

  test("a column that looks like a table is noticed", async () => {
    const sql = "SELECT silver.orders FROM (SELECT 1 AS orders) AS silver";
    await expect(
      rewriteTablesChecked(engine, sql, map).then((rewritten) => describeSql(engine, rewritten)),
    ).rejects.toThrow();
  });
});
