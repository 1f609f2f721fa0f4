import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Locality, type Lookup, localityOf } from "../../src/analysis/locality.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { sampleParameters } from "../../src/engine/introspect.ts";
import { parametersOf } from "../../src/engine/parameters.ts";
import { rewriteTables } from "../../src/engine/rewrite.ts";
import type { Model } from "../../src/project/project.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { modelWith } from "../project/model.ts";
import { type LocalityCase, localityCases } from "./locality-models.ts";

const schemas = {
  "bronze.orders": [
    { name: "order_id", type: "UInt32" },
    { name: "customer_id", type: "UInt32" },
    { name: "total", type: "Decimal(18, 2)" },
    { name: "ordered", type: "DateTime" },
    { name: "status", type: "String" },
    { name: "tags", type: "Array(String)" },
  ],
  "bronze.items": [
    { name: "order_id", type: "UInt32" },
    { name: "sku", type: "String" },
    { name: "qty", type: "UInt8" },
    { name: "shipped", type: "DateTime" },
  ],
  "bronze.customers": [
    { name: "customer_id", type: "UInt32" },
    { name: "country", type: "String" },
  ],
};

let t: TestEngine;
let engine: Engine;
beforeAll(async () => {
  t = await embeddedForTests();
  engine = t.engine;
});
afterAll(() => t.stop());

function modelOf({ sql, partitionBy, key = [] }: LocalityCase): Model {
  return modelWith({ sql, partitionBy, key });
}

/** From the cache after the first time. */
function proved(name: string, given: LocalityCase): Promise<Locality> {
  const dataset = `gold.${name.replaceAll(/\W/g, "_")}`;
  return localityOf(engine, { ...modelOf(given), dataset }, schemas, join(t.dir, "cache"));
}

describe("what is looked up", () => {
  const lookupsOf = async (sql: string) => (await localityOf(engine, modelOf({ sql }), schemas)).lookups;
  const customers = {
    dataset: "bronze.customers",
    key: "`customer_id`",
    driving: "bronze.orders",
    by: "`customer_id`",
  };

  test("a dimension, sums by key, both at once", async () => {
    const sql = `SELECT o.order_id AS order_id, c.country AS country, i.n AS n FROM bronze.orders AS o
      LEFT JOIN (SELECT order_id, sum(qty) AS n FROM bronze.items GROUP BY order_id) AS i ON i.order_id = o.order_id
      LEFT JOIN bronze.customers AS c ON c.customer_id = o.customer_id`;
    const items = { dataset: "bronze.items", key: "`order_id`", driving: "bronze.orders", by: "`order_id`" };
    expect([...(await lookupsOf(sql))].sort((a, b) => a.dataset.localeCompare(b.dataset))).toEqual([
      customers,
      items,
    ]);
  });

  test("by columns of different names", async () => {
    const sql = `SELECT o.order_id AS order_id, i.sku AS sku FROM bronze.orders AS o
      LEFT JOIN bronze.items AS i ON i.shipped = o.ordered`;
    expect(await lookupsOf(sql)).toEqual([
      { dataset: "bronze.items", key: "`shipped`", driving: "bronze.orders", by: "`ordered`" },
    ]);
  });

  test("what must be there", async () => {
    const sql = `SELECT o.order_id AS order_id, c.country AS country FROM bronze.orders AS o
      INNER JOIN bronze.customers AS c ON c.customer_id = o.customer_id`;
    expect(await lookupsOf(sql)).toEqual([customers]);
  });

  test("the newest row before a moment", async () => {
    const sql = `SELECT o.order_id AS order_id, i.sku AS sku FROM bronze.orders AS o
      ASOF LEFT JOIN bronze.items AS i ON i.order_id = o.order_id AND i.shipped <= o.ordered`;
    expect(await lookupsOf(sql)).toMatchObject([{ dataset: "bronze.items", key: "`order_id`" }]);
  });

  test.each([
    [
      "another kind of join",
      "bronze.orders AS o FULL JOIN bronze.customers AS c ON c.customer_id = o.customer_id",
    ],
    ["no equality", "bronze.orders AS o LEFT JOIN bronze.customers AS c ON c.customer_id < o.customer_id"],
    [
      "a number by rank",
      "bronze.orders AS o LEFT JOIN (SELECT row_number() OVER (ORDER BY country) AS customer_id FROM bronze.customers) AS c ON c.customer_id = o.customer_id",
    ],
  ])("not with %s", async (_, from) => {
    expect(await lookupsOf(`SELECT o.order_id AS order_id FROM ${from}`)).toEqual([]);
  });
});

describe("what is proved", () => {
  test.each(Object.entries(localityCases))("%s", async (name, given) => {
    const found = await proved(name, given);
    expect({
      rowWise: found.rowWise ? found.driving : undefined,
      partitions: Object.fromEntries(found.partitions.map((p) => [p.dataset, p.expression])),
      keys: Object.fromEntries(found.keys.map((p) => [p.dataset, p.expression])),
      postFilter: found.postFilter,
      deterministic: found.deterministic,
    }).toEqual({
      rowWise: given.rowWise,
      partitions: given.partitions ?? {},
      keys: given.keys ?? {},
      postFilter: given.postFilter ?? true,
      deterministic: true,
    });
    expect(found.partition).toEqual(found.partitions[0]);
  });

  test("columns that the result depends on", async () => {
    const used = async (sql: string) => (await localityOf(engine, modelOf({ sql }), schemas)).columnsUsed;
    expect(
      await used("WITH o AS (SELECT * FROM bronze.orders) SELECT order_id FROM o WHERE status = 'x'"),
    ).toEqual({
      "bronze.orders": ["order_id", "status"],
      "bronze.items": [],
      "bronze.customers": [],
    });
    expect(
      await used(
        "SELECT sum(total) AS s, row_number() OVER (ORDER BY min(ordered)) AS n FROM bronze.orders AS o JOIN bronze.items AS i USING (order_id) WHERE sku IN (SELECT country FROM bronze.customers WHERE customer_id = 1) GROUP BY length(tags)",
      ),
    ).toEqual({
      "bronze.orders": ["order_id", "ordered", "tags", "total"],
      "bronze.items": ["order_id", "sku"],
      "bronze.customers": ["country", "customer_id"],
    });
    expect((await used("SELECT count() AS n FROM bronze.orders"))["bronze.orders"]).toEqual([]);
    expect((await used("SELECT DISTINCT * FROM bronze.customers"))["bronze.customers"]).toEqual([
      "country",
      "customer_id",
    ]);
  });

  test.each([
    "now()",
    "today()",
    "rand()",
    "toDate(now64())",
    "generateUUIDv4()",
    "rowNumberInAllBlocks()",
    "if(status = 'x', yesterday(), today())",
  ])("%s is not deterministic, so nothing is claimed", async (call) => {
    const sql = `SELECT order_id, ordered, ${call} AS n FROM bronze.orders`;
    const found = await localityOf(engine, modelOf({ sql, partitionBy: "ordered" }), schemas);
    expect(found).toMatchObject({ deterministic: false, rowWise: false, partitions: [], postFilter: true });
  });

  test("nothing is claimed of SQL that the engine does not understand", async () => {
    const found = await localityOf(engine, modelOf({ sql: "SELECT nope FROM bronze.orders" }), schemas);
    expect(found).toMatchObject({ rowWise: false, partitions: [], postFilter: true });
  });

  test("columns with a declared type are cast later, so partitions on them are not claimed", async () => {
    const model = modelOf({
      sql: "SELECT order_id, status FROM bronze.orders",
      partitionBy: "toDate(status)",
      key: ["status"],
    });
    const typed = { ...model, columns: [{ name: "status", type: "Date", description: "", tags: [] }] };
    expect(await localityOf(engine, typed, schemas)).toMatchObject({
      partitions: [],
      keys: [],
      rowWise: true,
    });
  });
});

/** Databases of views over random rows: all of them, two halves, and a few rows with the rest. */
const halves = { whole: "1", one: "_r % 2 = 0", two: "_r % 2 = 1", few: "_r < 2", rest: "_r >= 2" };

async function randomRows(seed: number): Promise<void> {
  const values: Record<string, string> = {
    "bronze.orders": `h(1) % 5 AS order_id, h(2) % 4 AS customer_id, toDecimal64(h(3) % 20, 2) - 5 AS total,
      toDateTime('2020-01-01 00:00:00') + (h(4) % 9) * 86400 * 9 AS ordered, ['x', 'y', ''][h(5) % 3 + 1] AS status,
      arraySlice(['a', 'b', 'c'], 1, h(6) % 3) AS tags`,
    "bronze.items": `h(7) % 5 AS order_id, ['a', 'b', 'c'][h(8) % 3 + 1] AS sku, h(9) % 3 AS qty,
      toDateTime('2020-01-01 00:00:00') + (h(10) % 9) * 86400 * 9 AS shipped`,
    "bronze.customers": "h(11) % 5 AS customer_id, ['a', 'b', ''][h(12) % 3 + 1] AS country",
  };
  await engine.command("CREATE DATABASE IF NOT EXISTS base");
  for (const [dataset, columns] of Object.entries(schemas)) {
    const name = dataset.slice("bronze.".length);
    const list = columns.map((column) => `${column.name} ${column.type}`).join(", ");
    await engine.command(
      `CREATE OR REPLACE TABLE base.${name} (${list}, _r UInt8) ENGINE = MergeTree ORDER BY tuple()`,
    );
    const chosen = (values[dataset] ?? "").replaceAll(/h\((\d+)\)/g, `cityHash64(number, $1, ${seed})`);
    await engine.command(
      `INSERT INTO base.${name} SELECT ${chosen}, cityHash64(number, ${seed}) % 8 AS _r FROM numbers(9)`,
    );
    for (const [view, condition] of Object.entries(halves)) {
      await engine.command(`CREATE DATABASE IF NOT EXISTS ${view}`);
      await engine.command(
        `CREATE OR REPLACE VIEW ${view}.${name} AS SELECT ${columns.map((c) => c.name).join(", ")} FROM base.${name} WHERE ${condition}`,
      );
    }
  }
}

/** Rows of a SELECT with some inputs taken from other databases, as sorted texts. */
async function run(
  given: LocalityCase,
  from: Record<string, string>,
  wrap = (sql: string) => sql,
): Promise<string[]> {
  const map = Object.fromEntries(
    Object.keys(schemas).map((dataset) => [
      dataset,
      `${from[dataset] ?? "whole"}.${dataset.slice("bronze.".length)}`,
    ]),
  );
  const params = sampleParameters(parametersOf(given.sql));
  const rows = await engine.rows(wrap(rewriteTables(given.sql, map)), {
    params,
    settings: { max_threads: 1 },
  });
  return rows.map((row) => JSON.stringify(row)).sort();
}

const even = (expression: string) => `cityHash64(toString(${expression})) % 2 = 0`;

describe.each([1, 2])("claims hold on random rows, seed %i", (seed) => {
  beforeAll(() => randomRows(seed));

  test.each(Object.entries(localityCases))("%s", async (name, given) => {
    const found = await proved(name, given);
    await rowWiseHolds(given, found);
    if (given.partitionBy !== undefined) await originsHold(given, given.partitionBy, found.partitions);
    if (given.key !== undefined) await originsHold(given, `tuple(${given.key.join(", ")})`, found.keys);
    await probesHold(given, found);
  });
});

async function rowWiseHolds(given: LocalityCase, { rowWise, driving }: Locality): Promise<void> {
  if (!rowWise || driving === undefined) return;
  const [whole, one, two] = await Promise.all([
    run(given, {}),
    run(given, { [driving]: "one" }),
    run(given, { [driving]: "two" }),
  ]);
  expect([...one, ...two].sort()).toEqual(whole);
}

/** Result rows of half of the values depend only on the input rows of the same half. */
async function originsHold(
  given: LocalityCase,
  expression: string,
  origins: Locality["partitions"],
): Promise<void> {
  for (const { dataset, expression: origin } of origins) {
    const name = dataset.slice("bronze.".length);
    const tupled =
      given.key && expression.startsWith("tuple(") && given.key.length === 1 ? `tuple(${origin})` : origin;
    await engine.command("CREATE DATABASE IF NOT EXISTS chosen");
    await engine.command(
      `CREATE OR REPLACE VIEW chosen.${name} AS SELECT * FROM whole.${name} WHERE ${even(tupled)}`,
    );
    const wrap = (sql: string) => `SELECT * FROM (\n${sql}\n) WHERE ${even(expression)}`;
    expect(await run(given, { [dataset]: "chosen" }, wrap)).toEqual(await run(given, {}, wrap));
  }
}

/** Partitions that change with a few rows of an input are found by running over these rows alone. */
async function probesHold(given: LocalityCase, found: Locality): Promise<void> {
  const { partitionBy } = given;
  const { postFilter, partition, lookups } = found;
  if (postFilter || partition === undefined || partitionBy === undefined) return;
  for (const dataset of Object.keys(schemas).filter((dataset) => dataset !== partition.dataset)) {
    const wrap = (sql: string) => `SELECT toString(${partitionBy}) AS p, * FROM (\n${sql}\n)`;
    const [before, after, probe] = await Promise.all(
      ["rest", "whole", "few"].map((db) => run(given, { [dataset]: db }, wrap)),
    );
    const lookup = lookups.find((found) => found.dataset === dataset);
    const probes = lookup === undefined ? [probe] : [probe, await overLookingRows(given, lookup, wrap)];
    const partitionsOf = (rows: readonly string[] = []) => groupBy(rows, (row) => JSON.parse(row).p);
    const [old, fresh] = [partitionsOf(before), partitionsOf(after)];
    const changed = [...new Set([...old.keys(), ...fresh.keys()])].filter(
      (p) => JSON.stringify(old.get(p)) !== JSON.stringify(fresh.get(p)),
    );
    for (const rows of probes) {
      const reached = partitionsOf(rows);
      expect(changed.filter((p) => !reached.has(p))).toEqual([]);
    }
    const told = lookup && (await partitionsOfLookingRows(lookup, found));
    expect(changed.filter((p) => told?.has(p) === false)).toEqual([]);
  }
}

/** What the rows that look up one of a few rows say of their partition; undefined when they do not. */
async function partitionsOfLookingRows({ dataset, key, driving, by }: Lookup, { partitions }: Locality) {
  const origin = partitions.find((candidate) => candidate.dataset === driving);
  if (origin === undefined) return undefined;
  const [name, looking] = [dataset, driving].map((each) => each.slice("bronze.".length));
  const rows = await engine.rows<{ p: string }>(
    `SELECT DISTINCT toString(${origin.expression}) AS p FROM whole.${looking} WHERE ${by} IN (SELECT ${key} FROM few.${name})`,
  );
  return new Set(rows.map(({ p }) => p));
}

/** The model over a few rows of an input, and only those rows of the driving one that look them up. */
async function overLookingRows(given: LocalityCase, lookup: Lookup, wrap: (sql: string) => string) {
  const { dataset, key, driving, by } = lookup;
  const [name, looking] = [dataset, driving].map((each) => each.slice("bronze.".length));
  await engine.command("CREATE DATABASE IF NOT EXISTS looking");
  await engine.command(
    `CREATE OR REPLACE VIEW looking.${looking} AS SELECT * FROM whole.${looking} WHERE ${by} IN (SELECT ${key} FROM few.${name})`,
  );
  return run(given, { [dataset]: "few", [driving]: "looking" }, wrap);
}

function groupBy(rows: readonly string[], keyOf: (row: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}
