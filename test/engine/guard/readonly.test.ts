import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { QueryOptions } from "../../../src/engine/engine.ts";
import { readOnlyStatement } from "../../../src/engine/guard/readonly.ts";
import { isPlainStructure } from "../../../src/engine/structure-text.ts";
import { embeddedForTests, type TestEngine } from "../harness.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
  const { engine } = t;
  for (const name of ["silver", "gold"]) await engine.command(`CREATE DATABASE ${name}`);
  await engine.command(
    "CREATE TABLE gold.sales (day Date, total Decimal(18, 2), n UInt64) ENGINE = MergeTree ORDER BY day",
  );
  await engine.insert("gold.sales", [{ day: "2024-01-01", total: "2.50", n: 2 }]);
  await engine.command(`INSERT INTO FUNCTION file('${t.dir}/lake.csv', 'CSV', 'a UInt8') SELECT 5`);
  await engine.command(
    `CREATE VIEW silver.orders AS SELECT * FROM file('${t.dir}/lake.csv', 'CSV', 'a UInt8')`,
  );
});
afterAll(() => t.stop());

describe("allowed, and it runs", () => {
  test.each([
    "SELECT * FROM gold.sales",
    "SELECT * FROM silver.orders;",
    "WITH t AS (SELECT day, sum(total) AS s FROM gold.sales GROUP BY day) SELECT t.*, s / 2 FROM t ORDER BY day WITH FILL",
    "SELECT sumIf(total, n > 1), uniqExactArray([n]), quantile(0.5)(n), COUNT(*), countDistinct(n) FROM gold.sales",
    "SELECT n, row_number() OVER (PARTITION BY day ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM gold.sales",
    "SELECT toStartOfMonth(day), formatDateTime(day, '%Y'), day + INTERVAL 1 DAY, CAST(n AS Nullable(Decimal(18, 2))) FROM gold.sales",
    "SELECT arrayMap(x -> x * 2, range(n)), [1, 2][1], (1, 'a').2, map('a', 1)['a'], JSONExtractInt('{\"a\":1}', 'a') FROM gold.sales",
    "SELECT number FROM numbers(3) UNION ALL SELECT 1 INTERSECT SELECT 1",
    "SELECT CASE WHEN n > 1 THEN 'file(' ELSE '; DROP' END -- url('x')\n FROM gold.sales",
    "SELECT * EXCEPT (n) REPLACE (1 AS total), COLUMNS('^d') FROM gold.sales AS s LEFT JOIN system.one AS o ON s.n = o.dummy",
    "SELECT 1 IN (SELECT 1), EXISTS(SELECT 1), 1 NOT IN (1, 2), 'a' LIKE '%', grouping(n) FROM gold.sales GROUP BY ROLLUP(n)",
    "FROM gold.sales SELECT n",
    "(SELECT 1) SETTINGS max_threads = 1, max_block_size = 10",
    'SELECT `day`, "total" FROM `gold`.`sales` WHERE day >= {day:Date} LIMIT 1 BY n LIMIT 5 SETTINGS final = 1',
    "SELECT * FROM VALUES('a UInt8', 1) AS u, (VALUES (1)) AS v",
    "SHOW TABLES FROM gold LIKE '%s%'",
    "SHOW CREATE TABLE gold.sales",
    "DESCRIBE TABLE gold.sales",
    "DESCRIBE (SELECT 1 AS a)",
    "EXISTS TABLE gold.sales",
    "EXPLAIN PLAN SELECT * FROM gold.sales",
    "EXPLAIN indexes = 1 SELECT * FROM gold.sales",
    "SELECT name FROM system.tables WHERE database = 'gold'",
  ])("%s", async (sql) => {
    const options = { params: { day: "2024-01-01" } };
    const checked = await readOnlyStatement(t.engine, sql, options);
    await t.engine.rows(checked.sql, { ...options, settings: checked.settings });
  });
});

describe("refused", () => {
  test.each([
    ["DROP TABLE gold.sales", /DROP is not allowed/],
    ["INSERT INTO gold.sales SELECT 1", /INSERT/],
    ["WITH 1 AS x INSERT INTO gold.sales SELECT today(), x, x", /InsertQuery|not allowed/],
    ["INSERT INTO FUNCTION file('x') SELECT 1", /INSERT/],
    ["EXPLAIN AST DROP TABLE gold.sales", /EXPLAIN AST DROP TABLE is not allowed/],
    ["EXPLAIN ESTIMATE SELECT * FROM file('/etc/passwd')", /table function file/],
    ["EXPLAIN TABLE OVERRIDE mysql('h', 'd', 't', 'u', 'p') PARTITION BY a", /mysql/],
    ["SET readonly = 0", /SET/],
    ["USE system", /USE/],
    ["KILL QUERY WHERE 1", /KILL/],
    ["SYSTEM SHUTDOWN", /SYSTEM/],
    ["", /no statement/],
    ["-- nothing", /no statement/],
    ["SELECT 1; SELECT 2", /one statement/],
    ["SELECT 1 INTO OUTFILE '/tmp/x'", /OUTFILE/],
    ["SELECT 1 INTO /* */ OUTFILE '/tmp/x'", /OUTFILE/],
    ["SELECT * FROM file('/etc/passwd', 'LineAsString')", /table function file/],
    ["SELECT * FROM FILE('/etc/passwd', 'LineAsString')", /table function FILE/],
    ["SELECT * FROM `file`('/etc/passwd')", /table function file/],
    ["SELECT (SELECT count() FROM url('http://localhost/', 'CSV'))", /table function url/],
    ["SELECT * FROM gold.sales JOIN s3('http://x/y') AS f USING n", /table function s3/],
    ["WITH x AS (SELECT * FROM remote('h', system.one)) SELECT 1", /table function remote/],
    ["SELECT * FROM executable('x', 'TSV', 'a Int8')", /executable/],
    ["SELECT * FROM view(SELECT * FROM postgresql('h', 'd', 't', 'u', 'p'))", /postgresql/],
    ["SELECT * FROM merge('system', '.*')", /merge/],
    ["SELECT * FROM deltaLakeLocal('/x')", /deltaLakeLocal/],
    ["SELECT 1 WHERE 1 IN (SELECT * FROM hdfs('x'))", /hdfs/],
    ["DESCRIBE TABLE file('/etc/passwd')", /table function file/],
    ["SELECT file('/etc/passwd')", /function file/],
    ["SELECT arrayMap(x -> file(x), ['/etc/passwd'])", /function file/],
    ["SELECT n FROM gold.sales ORDER BY n WITH FILL FROM length(file('x'))", /function file/],
    [
      "SELECT sum(n) OVER (ORDER BY n ROWS length(file('x')) PRECEDING) FROM gold.sales",
      /function file|Syntax/,
    ],
    ["SELECT * FROM gold.sales LIMIT length(file('x'))", /function file/],
    ["SELECT * APPLY(file) FROM gold.sales", /APPLY/],
    ["SELECT * APPLY file FROM gold.sales", /Apply/],
    ["SELECT aiGenerate('x')", /function aiGenerate/],
    ["SELECT reverseDNSQuery('1.1.1.1')", /reverseDNSQuery/],
    ["SELECT hasColumnInTable('host', 'a', 'b', 'c')", /hasColumnInTable/],
    ["SELECT getServerSetting('path'), hostName()", /getServerSetting/],
    ["SELECT catboostEvaluate('/x', 1)", /catboostEvaluate/],
    ["SELECT sleep(3)", /sleep/],
    ["SHOW TABLES WHERE name = file('/etc/passwd')", /SHOW with an expression/],
    ["SELECT * FROM system.processes", /system.processes/],
    ["SELECT * FROM system.named_collections", /named_collections/],
    ["SELECT 1 IN system.processes", /system.processes/],
    ["SELECT * FROM SYSTEM.processes", /SYSTEM.processes/],
    ["SELECT {c:Identifier} FROM gold.sales", /type Identifier/],
    ["SELECT 1 SETTINGS readonly = 0", /setting readonly/],
    ["SELECT 1 SETTINGS readonly = DEFAULT", /setting readonly/],
    ["SELECT 1 SETTINGS max_threads = DEFAULT", /DEFAULT/],
    ["SELECT (SELECT 1 SETTINGS max_threads = 1, allow_ddl = 1)", /setting allow_ddl/],
    ["SELECT 1 FORMAT CSV SETTINGS engine_file_truncate_on_insert = 1", /engine_file/],
    ["SELECT 1 AS `a\n  Function plus`", /line end/],
    ["SELECT 1 AS `a\\n  Function plus`", /backslash/],
    ["SELECT 1 /* open", /not closed/],
    ["SELECT 'open", /not closed/],
  ])("%j", async (sql, message) => {
    await expect(readOnlyStatement(t.engine, sql)).rejects.toThrow(message);
  });
});

test("a syntax error is told as the engine words it", async () => {
  await expect(readOnlyStatement(t.engine, "SELECT FROM WHERE")).rejects.toThrow(/SYNTAX_ERROR/);
});

test("two statements to the engine, also the first time; what runs is the engine's own text", async () => {
  let calls = 0;
  const engine = {
    ...t.engine,
    rows: <T>(sql: string, options?: QueryOptions) => {
      calls++;
      return t.engine.rows<T>(sql, options);
    },
  };
  const { sql } = await readOnlyStatement(engine, "select /* file('x') */ 1 as `a`;");
  expect(sql).toBe("SELECT 1 AS a");
  expect(calls).toBe(2);
  await readOnlyStatement(engine, "SELECT 2");
  expect(calls).toBe(4);
});

test("the place of what is refused is that of the user's own text", async () => {
  const error = await readOnlyStatement(t.engine, "SELECT 1,\n  /* url */ url('x')").catch(
    (caught: unknown) => caught,
  );
  expect(error).toMatchObject({
    message: "The function url is not allowed here",
    details: { where: "line 2, column 13" },
  });
});

test.each([
  ["id UInt64", true],
  ["`a b` Nullable(Decimal(18, 2)), t Tuple(x UInt8, y Array(String)), e Enum8('a' = 1, 'b' = -2)", true],
  ["a DateTime64(3, 'UTC'), s AggregateFunction(sum, UInt64), j JSON(max_dynamic_paths = 8)", true],
  ["", false],
  ["a", false],
  ["a UInt8,", false],
  ["a UInt8 DEFAULT 1", false],
  ["a DEFAULT 1", false],
  ["a UInt8 NOT NULL", false],
  ["a UInt8 CODEC(ZSTD)", false],
  ["a Tuple(x UInt8 DEFAULT 1)", false],
  ["a UInt8; b", false],
  ["a Array(UInt8", false],
  ["a 'x'", false],
])("a structure of names and types only: %s", (text, plain) => expect(isPlainStructure(text)).toBe(plain));
