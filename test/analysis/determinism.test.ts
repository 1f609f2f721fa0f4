/** What a model names must be the same at each run, wherever the name stands. */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveProject } from "../../src/analysis/resolve.ts";
import { loadKinds } from "../../src/host/kinds.ts";
import { loadProject } from "../../src/project/load.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { minimalConfig, projectFolder } from "../project/folder.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

const columns = ["order_id", "ordered_at", "user", "prices", "today"].map((name) => ({
  name,
  type: name === "prices" ? "Array(Float64)" : "String",
}));

/** Messages of the problems of one model with this SELECT; none when it resolves. */
async function problemsOf(sql: string): Promise<string[]> {
  const dir = projectFolder({ "shoplake.config.ts": minimalConfig, "models/silver/m.sql": sql });
  try {
    const project = await loadProject(dir, { env: {}, kinds: await loadKinds() });
    await resolveProject(project, t.engine, { "bronze.feed_orders": columns });
    return [];
  } catch (error) {
    if (!(error instanceof ShoplakeError)) throw error;
    return (error.details.problems ?? []).map(({ message }) => message);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

test("each name that is not stable is told, wherever it stands", async () => {
  const sql = `SELECT order_id, arrayMap(rand, [1])[1] AS r, any(b) AS t, arrayMap(file, ['/etc/hostname'])[1] AS f
FROM bronze.feed_orders CROSS JOIN values('a UInt8, b DateTime ALIAS now()', 1) AS v GROUP BY order_id`;
  expect(await problemsOf(sql)).toEqual([
    "file() gives another value at each run",
    "rand() gives another value at each run",
    "the structure of values() holds an expression: a UInt8, b DateTime ALIAS now()",
  ]);
});

const from = "FROM bronze.feed_orders";

test.each([
  [`SELECT arrayMap(\`rand\`, prices) AS r ${from}`, /^rand\(\)/],
  [`SELECT arrayMap((rand64), prices) AS r ${from}`, /^rand64\(\)/],
  [`SELECT arrayMap(x -> arrayMap(rand, [x]), prices) AS r ${from}`, /^rand\(\)/],
  [`SELECT order_id ${from} ORDER BY arraySum(arrayMap(rand, [1])) LIMIT 1`, /^rand\(\)/],
  [`SELECT * APPLY(rand) ${from}`, /^rand\(\)/],
  [`SELECT * APPLY rand ${from}`, /^rand\(\)/],
  [`SELECT COLUMNS('id') APPLY(x -> concat(x, toString(now()))) ${from}`, /^now\(\)/],
  [`SELECT order_id, now AS at ${from}`, /^now\(\)/],
  [`SELECT order_id, toDate(CURRENT_TIMESTAMP) AS at ${from}`, /^CURRENT_TIMESTAMP\(\)|^now\(\)/],
  [`SELECT order_id, current_date AS at ${from}`, /^current_date\(\)|^today\(\)/],
  [`SELECT order_id, Today() AS at ${from}`, /^Today\(\)/],
  [`SELECT order_id, aiGenerate(order_id) AS at ${from}`, /^aiGenerate\(\)/],
  ["SELECT b FROM values('a UInt8, b UInt32 DEFAULT rand()', 1)", /DEFAULT rand\(\)/],
  ["SELECT b FROM null('a UInt8, b UInt32 MATERIALIZED rand()')", /MATERIALIZED rand\(\)/],
  [`SELECT order_id ${from} SETTINGS additional_result_filter = 'rand() > 5'`, /additional_result_filter/],
  [
    `SELECT order_id ${from} SETTINGS \`additional_table_filters\` = {'a': 'rand() > 5'}`,
    /additional_table_filters/,
  ],
  ["SELECT a FROM format(Values, 'a UInt32', '(rand())')", /^format\(\) reads data/],
])("refused: %s", async (sql, message) => {
  expect(await problemsOf(sql)).toEqual([expect.stringMatching(message)]);
});

test.each([
  `SELECT order_id, lower(user) AS u, today AS day, arraySum(prices) AS s ${from}`,
  `SELECT t.user AS user, concat(today, 'x') AS day ${from} AS t`,
  `SELECT arrayMap(toString, prices) AS p, arrayMap(x -> x + 1, prices) AS q ${from}`,
  `SELECT day FROM (SELECT * APPLY(toString) ${from}) AS t(a, b, c, d, day)`,
  "SELECT a, b FROM values('a UInt8, b Nullable(Decimal(18, 2))', (1, 2.5))",
  "SELECT c1 AS a FROM values('now()', 'x')",
  `SELECT order_id, user ${from} SETTINGS max_block_size = 1024`,
])("stable: %s", async (sql) => {
  expect(await problemsOf(sql)).toEqual([]);
});
