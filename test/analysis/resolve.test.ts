import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolveProject } from "../../src/analysis/resolve.ts";
import type { Column, Engine } from "../../src/engine/engine.ts";
import { loadKinds } from "../../src/host/kinds.ts";
import { loadProject, readProject } from "../../src/project/load.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { minimalConfig, projectFolder } from "../project/folder.ts";

const kinds = await loadKinds();

let t: TestEngine;
let engine: Engine;
let calls = 0;
beforeAll(async () => {
  t = await embeddedForTests();
  engine = {
    ...t.engine,
    version: t.engine.version,
    rows: (sql, options) => {
      calls++;
      return t.engine.rows(sql, options);
    },
    command: (sql, options) => {
      calls++;
      return t.engine.command(sql, options);
    },
  };
});
afterAll(() => t.stop());

const orders: Column[] = ["order_id", "customer_id", "total", "ordered_at", "_ingested_at"].map((name) => ({
  name,
  type: "Nullable(String)",
}));
const bronze = { "bronze.feed_orders": orders };

async function resolve(files: Record<string, string>, schemas: Record<string, Column[]> = bronze) {
  const dir = projectFolder({ "shoplake.config.ts": minimalConfig, ...files });
  const project = await loadProject(dir, { env: {}, kinds });
  return { dir, project, resolved: () => resolveProject(project, engine, schemas) };
}

async function problemsOf(files: Record<string, string>, schemas?: Record<string, Column[]>) {
  const { resolved } = await resolve(files, schemas);
  const error = await resolved().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof ShoplakeError)) throw new Error(`expected a ShoplakeError, got ${error}`);
  return (error.details.problems ?? []).map(
    ({ file, line, message, hint }) => `${file}:${line ?? ""} ${message}${hint ? ` | ${hint}` : ""}`,
  );
}

const silverOrders = `/*
key: order_id
newest_by: ordered_at
partition_by: toStartOfMonth(ordered_at)
columns:
  order_id: { type: UInt64, checks: [not_null] }
  ordered_at: { type: DateTime }
reject:
  negative: total < 0
checks: [{ unique: { columns: [order_id, customer_id], where: customer_id != '' } }]
*/
SELECT order_id, customer_id, toDecimal64OrNull(total, 2) AS total, ordered_at
FROM bronze.feed_orders`;

describe("a good project", () => {
  const files = {
    "models/silver/orders.sql": silverOrders,
    "models/gold/days.sql": `WITH days AS (SELECT toDate(ordered_at) AS day, total FROM silver.orders)
SELECT day, sum(total) AS revenue, {today:Date} AS today FROM days WHERE day < {today:Date} AND day NOT IN gold.holidays GROUP BY day`,
    "models/gold/holidays.sql": "SELECT toDate('2020-01-01') + number AS day FROM numbers(3)",
    "queries/kpi.sql":
      "/* parameters: { since: 2020-01-01 } */ SELECT * FROM gold.days WHERE day >= {since:Date}",
    "checks/x.sql":
      "/* dataset: gold.days */ SELECT * FROM gold.days JOIN silver.orders ON toDate(ordered_at) = day",
  };

  test("models know inputs, columns, parameters", async () => {
    const { resolved } = await resolve(files);
    const { models } = await resolved();
    expect(
      models.map(({ dataset, dependencies, schema, parameters }) => ({
        dataset,
        dependencies,
        schema,
        parameters,
      })),
    ).toMatchInlineSnapshot(`
      [
        {
          "dataset": "gold.days",
          "dependencies": [
            "gold.holidays",
            "silver.orders",
          ],
          "parameters": {
            "today": "Date",
          },
          "schema": [
            {
              "name": "day",
              "type": "Date",
            },
            {
              "name": "revenue",
              "type": "Nullable(Decimal(38, 2))",
            },
            {
              "name": "today",
              "type": "Date",
            },
          ],
        },
        {
          "dataset": "gold.holidays",
          "dependencies": [],
          "parameters": {},
          "schema": [
            {
              "name": "day",
              "type": "Date",
            },
          ],
        },
        {
          "dataset": "silver.orders",
          "dependencies": [
            "bronze.feed_orders",
          ],
          "parameters": {},
          "schema": [
            {
              "name": "order_id",
              "type": "UInt64",
            },
            {
              "name": "customer_id",
              "type": "Nullable(String)",
            },
            {
              "name": "total",
              "type": "Nullable(Decimal(18, 2))",
            },
            {
              "name": "ordered_at",
              "type": "DateTime",
            },
          ],
        },
      ]
    `);
  });

  test("costs no engine call when nothing changed, and no scratch table stays", async () => {
    const { dir, project, resolved } = await resolve(files);
    const first = await resolved();
    calls = 0;
    expect(await resolved()).toEqual(first);
    expect(calls).toBe(0);
    rmSync(join(dir, ".shoplake"), { recursive: true });
    expect(await resolved()).toEqual(first);
    expect(calls).toBeGreaterThan(0);
    const changed = {
      ...project,
      models: project.models.map((m) => ({ ...m, sql: m.sql.replace("numbers(3)", "numbers(4)") })),
    };
    calls = 0;
    await resolveProject(changed, engine, bronze);
    expect(calls).toBeGreaterThan(0);
    expect(await t.engine.rows("SELECT name FROM system.databases WHERE name LIKE '%scratch%'")).toEqual([]);
  });

  test("two processes may resolve at once", async () => {
    const projects = await Promise.all([resolve(files), resolve(files), resolve(files)]);
    const all = await Promise.all(projects.map(({ resolved }) => resolved()));
    expect(all[0]?.models).toEqual(all[2]?.models);
  });

  test("without columns of bronze only the dependencies are known", async () => {
    const { resolved } = await resolve(files, {});
    const { models } = await resolved();
    expect(models.map(({ dataset, dependencies, schema }) => [dataset, dependencies, schema.length])).toEqual(
      [
        ["gold.days", ["gold.holidays", "silver.orders"], 0],
        ["gold.holidays", [], 1],
        ["silver.orders", ["bronze.feed_orders"], 0],
      ],
    );
  });
});

describe("all problems at once", () => {
  test("in the SELECTs", async () => {
    expect(
      await problemsOf({
        "models/silver/a_unknown_column.sql":
          "/*\n*/\nSELECT\n  order_id,\n  custmer_id\nFROM bronze.feed_orders",
        "models/silver/b_unknown_dataset.sql": "SELECT *\nFROM bronze.feed_order",
        "models/silver/c_short_name.sql": "SELECT *\nFROM\n  feed_orders",
        "models/silver/d_syntax.sql":
          "/* description: x\n*/\n\nSELECT order_id FRM\n  bronze.feed_orders WHERE (",
        "models/silver/e_function.sql": "SELECT 1,\n  lenght(order_id) FROM bronze.feed_orders",
        "models/silver/f_types.sql": "SELECT order_id\n + 1 AS x FROM bronze.feed_orders",
        "models/silver/g_unnamed.sql": "SELECT count(*), NULL AS n FROM bronze.feed_orders",
        "models/silver/h_group.sql":
          "SELECT order_id,\n customer_id FROM bronze.feed_orders GROUP BY order_id",
        "models/silver/i_now.sql": "SELECT 1 AS a,\n  Today() AS d, rand() AS r, dictGet('d', 'a', 1) AS g",
        "models/silver/j_file.sql": "SELECT *\nFROM file('/etc/passwd', 'LineAsString')",
        "models/silver/k_not_select.sql": "DROP TABLE x",
        "models/silver/l_system.sql": "SELECT * FROM system.tables",
      }),
    ).toMatchInlineSnapshot(`
      [
        "models/silver/a_unknown_column.sql:5 unknown column "custmer_id" | did you mean "customer_id"?",
        "models/silver/b_unknown_dataset.sql:2 unknown dataset "bronze.feed_order" | did you mean "bronze.feed_orders"?",
        "models/silver/c_short_name.sql:3 unknown dataset "feed_orders" | did you mean "bronze.feed_orders"?",
        "models/silver/d_syntax.sql:5 SQL syntax error at "("",
        "models/silver/e_function.sql:2 unknown function "lenght" | did you mean "length"?",
        "models/silver/f_types.sql:1 Illegal types String and UInt8 of arguments of function plus",
        "models/silver/g_unnamed.sql:1 column "count()" has no name of its own | give it one: ... AS name",
        "models/silver/g_unnamed.sql:1 column "n" has no type: it is always empty or NULL | cast it, e.g. CAST(NULL AS Nullable(String)) AS n",
        "models/silver/h_group.sql:2 Column 'bronze.feed_orders.customer_id' is not under aggregate function and not in GROUP BY keys",
        "models/silver/i_now.sql:2 Today() gives another value at each run | use a parameter, {today:Date}: the run gives it, so a repeated run sees the same day",
        "models/silver/i_now.sql:2 dictGet() gives another value at each run | join the dataset that holds the values",
        "models/silver/i_now.sql:2 rand() gives another value at each run | derive it from the rows, e.g. cityHash64(order_id)",
        "models/silver/j_file.sql:2 file() reads data that has no version | a model reads datasets; bring the data in as a source",
        "models/silver/k_not_select.sql:1 not a SELECT",
        "models/silver/l_system.sql:1 unknown dataset "system.tables" | known are: silver.a_unknown_column, silver.b_unknown_dataset, silver.c_short_name, silver.d_syntax, silver.e_function, silver.f_types, silver.g_unnamed, silver.h_group, silver.i_now, silver.j_file, silver.k_not_select, silver.l_system, ...",
      ]
    `);
  });

  test("of files and of SQL together; a model that cannot be read is still a known dataset", async () => {
    const dir = projectFolder({
      "shoplake.config.ts": minimalConfig,
      "models/silver/broken.sql": "/*\nkey: [a\n*/\nSELECT 1 AS a",
      "models/silver/reader.sql": "SELECT a FROM silver.broken",
      "models/gold/other.sql": "/*\ndescripton: x\n*/\nSELECT 1 AS a",
      "models/gold/wrong.sql": "SELECT nothing FROM bronze.feed_orders",
      "checks/c.sql": "/*\ndataset: silver.broken\n*/\nSELECT 1",
    });
    const loaded = await readProject(dir, { env: {}, kinds });
    if (!loaded.project) throw new Error("no project");
    const error = await resolveProject(loaded.project, engine, bronze, loaded).catch(
      (error: unknown) => error,
    );
    expect(
      error instanceof ShoplakeError &&
        error.details.problems?.map((p) => `${p.file}:${p.line} ${p.message}`),
    ).toMatchInlineSnapshot(`
      [
        "models/gold/other.sql:2 unknown key "descripton"",
        "models/gold/wrong.sql:1 unknown column "nothing"",
        "models/silver/broken.sql:3 YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
      ]
    `);
  });

  test("cycles", async () => {
    expect(
      await problemsOf({
        "models/silver/a.sql": "SELECT x FROM silver.b",
        "models/silver/b.sql": "SELECT x FROM\n  gold.c",
        "models/gold/c.sql": "SELECT x FROM silver.a",
        "models/gold/self.sql": "SELECT x FROM gold.self",
        "models/gold/after.sql": "SELECT x FROM gold.self",
      }),
    ).toMatchInlineSnapshot(`
      [
        "models/gold/c.sql:1 models read each other in a circle: gold.c -> silver.a -> silver.b -> gold.c | take one of these reads out",
        "models/gold/self.sql:1 models read each other in a circle: gold.self -> gold.self | take one of these reads out",
      ]
    `);
  });

  test("in headers, checks, queries, unit tests", async () => {
    expect(
      await problemsOf({
        "models/silver/orders.sql": `/*
key: [order_id, oder_id]
partition_by: toStartOfMonht(ordered_at)
order_by: totl
columns:
  custmer_id: { description: x }
  order_id:
    type: Uint64
  customer_id:
    checks:
      - relationships: { to: silver.orders.costumer_id }
      - relationships: { to: silver.order.order_id }
checks: [{ unique: { columns: [order_id, x] } }]
*/
SELECT order_id, customer_id, total, ordered_at FROM bronze.feed_orders`,
        "models/silver/rules.sql": `/*
partition_by: toStartOfMonht(ordered_at)
reject:
  one: totl < 0
  two: total
  three: 1) OR (1
  four: a, b
columns:
  order_id: { checks: [{ not_null: { where: "cutomer_id = 1" } }] }
*/
SELECT order_id, customer_id, total, parseDateTimeBestEffort(ordered_at) AS ordered_at FROM bronze.feed_orders`,
        "checks/c.sql": "/*\ndataset: silver.rules\n*/\nSELECT *\nFROM silver.rules WHERE totl > 1",
        "queries/q.sql": "SELECT * FROM silver.rulez",
        "queries/r.sql": "SELECT order_idd FROM silver.rules WHERE order_id = {id:String}",
        "tests/t.yaml":
          "model: silver.rules\ngiven: { bronze.feed_orders: [{ order: 1 }] }\nexpect: [{ order_id: 1, tota: 2 }]\n",
      }),
    ).toMatchInlineSnapshot(`
      [
        "checks/c.sql:5 unknown column "totl" | did you mean "total"?",
        "models/silver/orders.sql:2 unknown column "oder_id" in key | did you mean "order_id"?",
        "models/silver/orders.sql:3 partition_by: unknown function "toStartOfMonht" | did you mean "toStartOfMonth"?",
        "models/silver/orders.sql:4 unknown column "totl" in order_by | did you mean "total"?",
        "models/silver/orders.sql:6 unknown column "custmer_id" | did you mean "customer_id"?",
        "models/silver/orders.sql:8 "Uint64" is no ClickHouse type | did you mean "UInt64"?",
        "models/silver/orders.sql:11 unknown column "costumer_id" of silver.orders in check relationships_customer_id | did you mean "customer_id"?",
        "models/silver/orders.sql:12 unknown dataset "silver.order" in check relationships_customer_id_2 | did you mean "silver.orders"?",
        "models/silver/orders.sql:13 unknown column "x" in check unique_order_id_x | known are: order_id, customer_id, total, ordered_at",
        "models/silver/rules.sql:2 partition_by: unknown function "toStartOfMonht" | did you mean "toStartOfMonth"?",
        "models/silver/rules.sql:4 reject rule one: unknown column "totl" | did you mean "total"?",
        "models/silver/rules.sql:5 reject rule two is no condition: its type is Nullable(String)",
        "models/silver/rules.sql:6 reject rule three is not one SQL expression",
        "models/silver/rules.sql:7 reject rule four is not one SQL expression",
        "models/silver/rules.sql:9 where of check not_null_order_id: unknown column "cutomer_id" | did you mean "customer_id"?",
        "queries/q.sql:1 unknown dataset "silver.rulez" | did you mean "silver.rules"?",
        "queries/r.sql:1 unknown column "order_idd" | did you mean "order_id"?",
        "tests/t.yaml:1 unknown column "order" of bronze.feed_orders in test t | known are: order_id, customer_id, total, ordered_at, _ingested_at",
        "tests/t.yaml:1 unknown column "tota" of silver.rules in test t | did you mean "total"?",
      ]
    `);
  });
});
