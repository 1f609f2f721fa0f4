import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveProject } from "../../src/analysis/resolve.ts";
import { renderDifference, runUnitTests, type UnitTestResult } from "../../src/analysis/unit-tests.ts";
import { loadKinds } from "../../src/host/kinds.ts";
import { loadProject } from "../../src/project/load.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { minimalConfig, projectFolder } from "../project/folder.ts";

const kinds = await loadKinds();

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

const bronze = {
  "bronze.feed_orders": ["order_id", "total", "ordered_at"].map((name) => ({
    name,
    type: "Nullable(String)",
  })),
};

async function run(tests: string, columns = bronze): Promise<UnitTestResult[]> {
  const dir = projectFolder({
    "shoplake.config.ts": minimalConfig,
    "models/silver/orders.sql": `SELECT toUInt64(o.order_id) AS order_id, toDecimal64(o.total, 2) AS total, toDate(o.ordered_at) AS day
FROM bronze.feed_orders AS o WHERE o.order_id != ''`,
    "models/gold/days.sql": `SELECT day, sum(total) AS revenue, {timezone:String} AS timezone
FROM silver.orders WHERE day < {today:Date} GROUP BY day`,
    "tests/t.yaml": tests,
  });
  const project = await resolveProject(await loadProject(dir, { env: {}, kinds }), t.engine, columns);
  const results: UnitTestResult[] = [];
  for await (const result of runUnitTests(project, t.engine, { bronze: columns })) results.push(result);
  return results;
}

const good = `- name: totals by day
  model: gold.days
  parameters: { today: 2020-01-03 }
  given:
    silver.orders:
      - { order_id: 1, total: 10.1, day: 2020-01-02 }
      - { order_id: 2, total: 0.2, day: 2020-01-02 }
      - { order_id: 3, total: 7, day: 2020-01-03 }
      - { total: 5, day: 2020-01-01 }
  expect:
    - { day: 2020-01-02, revenue: 10.3 }
    - { revenue: 5.00, day: 2020-01-01 }
- name: text becomes numbers
  model: silver.orders
  given:
    bronze.feed_orders:
      - { order_id: 12345678901234567890, total: 0.10, ordered_at: 2020-01-02 }
      - { order_id: "", total: 1 }
  expect:
    - { order_id: 12345678901234567890, total: 0.1, day: 2020-01-02 }
- name: nothing in, nothing out
  model: silver.orders
  expect: []
`;

test("rows are compared without order, by the columns that are named, with the types of the model", async () => {
  expect((await run(good)).map(({ name, status, message }) => [name, status, message])).toEqual([
    ["totals by day", "pass", "2 rows as expected"],
    ["text becomes numbers", "pass", "1 rows as expected"],
    ["nothing in, nothing out", "pass", "0 rows as expected"],
  ]);
  expect(await t.engine.rows("SELECT name FROM system.databases WHERE name LIKE '%scratch%'")).toEqual([]);
});

test("columns of bronze that are not known yet are texts; without rows the test says what is missing", async () => {
  const results = await run(good, {} as typeof bronze);
  expect(results.map(({ status, message }) => [status, message])).toEqual([
    ["error", "Illegal type String of argument for aggregate function sum."],
    ["pass", "1 rows as expected"],
    ["error", "the columns of bronze.feed_orders are not known yet"],
  ]);
});

test("a difference is shown row by row, also how often a row comes", async () => {
  const [result] = await run(`model: silver.orders
given:
  bronze.feed_orders:
    - { order_id: 1, total: 5, ordered_at: 2020-01-02 }
    - { order_id: 1, total: 5, ordered_at: 2020-01-02 }
    - { order_id: 2, total: 7.5, ordered_at: 2020-01-02 }
expect:
  - { order_id: 1, total: 5 }
  - { order_id: 2, total: 8 }
`);
  expect(result).toMatchObject({
    name: "t",
    location: "tests/t.yaml:1",
    status: "fail",
    message: "1 expected rows are missing, 2 rows are unexpected",
  });
  expect(result && renderDifference(result).join("\n")).toMatchInlineSnapshot(`
    "   order_id  total
    -  2         8
    +  1         5
    +  2         7.5"
  `);
});

test("errors of the statement and missing parameters are results", async () => {
  const results = await run(`- { name: a, model: gold.days, expect: [] }
- name: b
  model: gold.days
  parameters: { today: tomorrow }
  expect: []
- name: c
  model: silver.orders
  expect: [{ order_id: x }]
`);
  expect(results.map(({ name, status, message }) => `${name} ${status}: ${message}`)).toMatchInlineSnapshot(`
    [
      "a error: no value for parameter today",
      "b error: Cannot parse date: value is too short: value tomorrow cannot be parsed as Date for query parameter 'today'.",
      "c error: Cannot parse input: expected '"' before: 'x"}': (while reading the value of key order_id): (at row 1)",
    ]
  `);
});
