import { afterAll, beforeAll, expect, test } from "vitest";
import { tablesOf } from "../../src/engine/introspect.ts";
import { table } from "../../src/engine/sql.ts";
import { bindTables } from "../../src/quality/bind-tables.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

test("the parser finds datasets in SQL, not in texts and comments", async () => {
  const sql =
    "SELECT 'gold.a' /* gold.b */ FROM silver.c AS x JOIN `bronze`.\"d\" USING (id) -- gold.e\nWHERE x.f = 1";
  expect(await tablesOf(t.engine, sql)).toEqual(["bronze.d", "silver.c"]);
});

const places: Readonly<Record<string, string>> = {
  "silver.a": "(SELECT number AS id, number * 2 AS v FROM numbers(5))",
  "gold.b": "(SELECT number AS id FROM numbers(3))",
  "gold.a": "(SELECT number AS id FROM numbers(2))",
};

test.each([
  ["SELECT * FROM silver.a", 5],
  ["SELECT a.id FROM silver.a WHERE a.v > 2", 3],
  ["SELECT silver.a.id FROM silver.a WHERE silver.a.v > 2;", 3],
  ["SELECT x.id FROM silver.a x JOIN gold.b AS y ON x.id = y.id", 3],
  ["SELECT * FROM silver.a WHERE id NOT IN (SELECT id FROM gold.b) -- end", 2],
  ["SELECT * FROM silver.a WHERE id IN gold.b", 3],
  ["WITH c AS (SELECT id FROM `silver`.`a`) SELECT * FROM c JOIN gold.b USING id ORDER BY id LIMIT 2", 2],
  ["SELECT id FROM silver.a UNION ALL SELECT id FROM gold.b", 8],
  ["SELECT 1", 1],
  ["SELECT silver.a.id FROM silver.a AS x WHERE silver.a.v > 2", 3],
  ["SELECT silver.a.* FROM silver.a LEFT JOIN gold.b ON silver.a.id = gold.b.id", 5],
  ["SELECT silver.a.id FROM silver.a JOIN gold.a ON silver.a.id = gold.a.id", 2],
  ["SELECT x.id FROM silver.a AS x, silver.a AS y WHERE x.id = y.id", 5],
  ["WITH a AS (SELECT id FROM silver.a) SELECT * FROM a", 5],
  ["SELECT (SELECT count() FROM gold.b) AS n FROM silver.a WHERE id IN (SELECT id FROM gold.b)", 3],
])("%s", async (sql, rows) => {
  const bound = bindTables(
    sql,
    await tablesOf(t.engine, sql),
    (dataset) => places[dataset] ?? table(dataset),
  );
  expect(await t.engine.rows(bound)).toHaveLength(rows);
});

test("text that reads datasets under their own names stays as it is", () => {
  const sql = "SELECT * FROM silver.a AS x -- all";
  expect(bindTables(sql, ["silver.a"], table)).toBe(sql);
});
