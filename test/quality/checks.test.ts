import { readdirSync } from "node:fs";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CheckResult, CheckSpec } from "../../src/api/checks.ts";
import { dimensions } from "../../src/api/dimensions.ts";
import { tablesOf } from "../../src/engine/introspect.ts";
import { checkRegistry } from "../../src/quality/check-registry.ts";
import { blocks, type RunChecksOptions, runChecks } from "../../src/quality/run-checks.ts";
import { problemsInModel, validateCheck } from "../../src/quality/validate.ts";
import { ensureSchema } from "../../src/state/schema.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { spec } from "./helpers.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
  await t.engine.command("CREATE DATABASE silver");
  await t.engine.command("CREATE DATABASE staged");
  await t.engine.command(
    "CREATE TABLE silver.customers (customer_id Nullable(UInt32)) ENGINE = MergeTree ORDER BY tuple()",
  );
  await t.engine.command("INSERT INTO silver.customers VALUES (1), (2), (NULL)");
  await t.engine.command(`CREATE TABLE staged.orders (
    id UInt32, customer_id Nullable(UInt32), status Nullable(String), total Decimal(18, 4), text Nullable(String),
    at DateTime64(3, 'UTC'), rate Float64,
    other Nullable(UInt8) ALIAS if(id = 2, NULL, id), id2 UInt32 ALIAS id) ENGINE = MergeTree ORDER BY id`);
  await t.engine.command(`INSERT INTO staged.orders VALUES
    (1, 1, 'new', 10.0000, '1.5', '2024-01-01 00:00:00', 0.5),
    (2, 2, 'paid', 20.0001, '2', '2024-01-02 00:00:00', 1),
    (2, 3, 'PAID', -1, 'x', '2024-01-03 00:00:00', nan),
    (4, NULL, NULL, 0, NULL, '2024-01-04 00:00:00', 2)`);
});
afterAll(() => t.stop());

const NOW = new Date("2024-01-05T12:00:00Z");

/** As a resolved project has it: what free SQL reads comes from the parser. */
async function resolved(check: CheckSpec): Promise<CheckSpec> {
  const { sql } = check.arguments;
  if (check.type !== "sql" || typeof sql !== "string") return check;
  return { ...check, reads: await tablesOf(t.engine, sql).catch(() => []) };
}

async function run(
  checks: readonly CheckSpec[],
  more: Partial<RunChecksOptions> = {},
): Promise<CheckResult[]> {
  return runChecks({
    engine: t.engine,
    checks: await Promise.all(checks.map(resolved)),
    dataset: "silver.orders",
    from: "staged.orders",
    resolve: (dataset) => (dataset === "silver.customers" ? "silver.customers" : undefined),
    history: async () => [],
    clock: () => NOW,
    ...more,
  });
}

async function one(check: CheckSpec, more: Partial<RunChecksOptions> = {}): Promise<CheckResult> {
  const [result] = await run([check], more);
  if (!result) throw new Error("no result");
  return result;
}

function brief(result: CheckResult): readonly unknown[] {
  return [result.status, result.element_count, result.unexpected_count];
}

describe("types", () => {
  const on = (column: string) => ({ column });
  const cases: readonly (readonly [string, CheckSpec, readonly unknown[]])[] = [
    ["not_null", spec("not_null", {}, on("status")), ["fail", 4, 1]],
    ["not_null passes", spec("not_null", {}, on("id")), ["pass", 4, 0]],
    ["unique", spec("unique", {}, on("id")), ["fail", 4, 1]],
    ["unique ignores NULL", spec("unique", {}, on("customer_id")), ["pass", 3, 0]],
    ["unique combination", spec("unique", { columns: ["id", "customer_id"] }), ["pass", 4, 0]],
    [
      "unique combination: NULL equals NULL",
      spec("unique", { columns: ["other", "id2"] }, { where: "id > 0" }),
      ["fail", 4, 1],
    ],
    [
      "relationships",
      spec("relationships", { to: "silver.customers.customer_id" }, on("customer_id")),
      ["fail", 4, 1],
    ],
    ["accepted_values", spec("accepted_values", { values: ["new", "paid"] }, on("status")), ["fail", 4, 1]],
    ["accepted_values of numbers", spec("accepted_values", { values: [1, 2, 4] }, on("id")), ["pass", 4, 0]],
    ["accepted_range", spec("accepted_range", { min: 0, max: 20 }, on("total")), ["fail", 4, 2]],
    [
      "accepted_range, limits excluded",
      spec("accepted_range", { min: -1, inclusive: false }, on("total")),
      ["fail", 4, 1],
    ],
    ["accepted_range refuses NaN", spec("accepted_range", { max: 5 }, on("rate")), ["fail", 4, 1]],
    [
      "accepted_range of an expression",
      spec("accepted_range", { max: { expression: "id * 5" } }, on("total")),
      ["fail", 4, 2],
    ],
    [
      "accepted_range of dates",
      spec("accepted_range", { min: "2024-01-02 00:00:00" }, on("at")),
      ["fail", 4, 1],
    ],
    ["regex", spec("regex", { pattern: "^[a-z]+$" }, on("status")), ["fail", 4, 1]],
    ["type", spec("type", { type: "Nullable(Decimal(9, 2))" }, on("text")), ["fail", 4, 1]],
    ["type without Nullable", spec("type", { type: "Decimal(9, 2)" }, on("text")), ["fail", 4, 2]],
    ["row_count", spec("row_count", { min: 5 }), ["fail", 1, 1]],
    ["row_count passes", spec("row_count", { min: 1, max: 4 }), ["pass", 1, 0]],
    ["freshness", spec("freshness", { column: "at", max_age: "1d" }), ["fail", 1, 1]],
    ["freshness passes", spec("freshness", { column: "at", max_age: "36h" }), ["pass", 1, 0]],
    [
      "freshness warns",
      spec("freshness", { column: "at", warn_after: "1d", error_after: "2d" }),
      ["warn", 1, 1],
    ],
    [
      "freshness fails",
      spec("freshness", { column: "at", warn_after: "1h", error_after: "1d" }),
      ["fail", 1, 1],
    ],
    [
      "freshness of no rows",
      spec("freshness", { column: "at", max_age: "9w" }, { where: "id = 99" }),
      ["fail", 1, 1],
    ],
    [
      "reconciliation",
      spec("reconciliation", { expression: "id", to: "silver.customers", to_expression: "customer_id" }),
      ["fail", 1, 1],
    ],
    [
      "reconciliation within its tolerance",
      spec("reconciliation", {
        expression: "id",
        to: "silver.customers",
        to_expression: "customer_id",
        tolerance: 6,
      }),
      ["pass", 1, 0],
    ],
    [
      "reconciliation of money",
      spec("reconciliation", { expression: "total", to: "silver.orders", to_expression: "total" }),
      ["pass", 1, 0],
    ],
    ["sql", spec("sql", { sql: "SELECT id FROM silver.orders WHERE total < 0 -- bad" }), ["fail", 4, 1]],
    [
      "sql over two datasets",
      spec("sql", {
        sql: "SELECT silver.orders.id FROM silver.orders LEFT ANTI JOIN silver.customers AS c ON c.customer_id = orders.customer_id;",
      }),
      ["fail", 4, 2],
    ],
    [
      "sql with its own CTE",
      spec("sql", { sql: "WITH x AS (SELECT * FROM silver.orders) SELECT * FROM x WHERE id > 99" }),
      ["pass", 4, 0],
    ],
  ];
  for (const [name, check, expected] of cases)
    test(name, async () => {
      const result = await one(check);
      expect([result.message, ...brief(result)]).toEqual([result.message, ...expected]);
      expect(result.success).toBe(result.status === "pass");
      expect(result.sample.length > 0).toBe(result.status !== "pass" || check.type === "reconciliation");
    });

  test("together they give what they give alone, in order", async () => {
    const all = cases.map(([name, check]) => ({ ...check, name }));
    const results = await run(all);
    expect(results.map((result) => [result.name, ...brief(result)])).toEqual(
      cases.map(([name, , expected]) => [name, ...expected]),
    );
  });
});

describe("volume", () => {
  const usual = [100, 102, 98, 101, 99, 100, 103, 97];
  const volume = (args: Record<string, unknown> = {}) => spec("volume", args);

  test("flags both directions, and says what is usual", async () => {
    expect((await one(volume(), { history: async () => usual })).message).toBe(
      "4 rows, usual: 94 to 106 (8 earlier publications)",
    );
    expect((await one(volume(), { history: async () => usual.map((n) => n / 50) })).status).toBe("fail");
    expect((await one(volume(), { history: async () => usual.map((n) => n / 25) })).status).toBe("pass");
  });
  test("has no verdict without enough history", async () => {
    const result = await one(volume(), { history: async () => usual.slice(0, 6) });
    expect(brief(result)).toEqual(["skipped", 1, 0]);
    expect(blocks(result)).toBe(false);
  });
  test("asks for as many points as it wants", async () => {
    const asked: number[] = [];
    const history = async (points: number) => {
      asked.push(points);
      return [];
    };
    await run([volume(), spec("volume", { points: 30 }, { name: "long" })], { history });
    await run([spec("row_count", { min: 1 })], { history });
    expect(asked).toEqual([30]);
  });
});

describe("severity, threshold, where", () => {
  const bad = (more: Partial<CheckSpec>) =>
    spec("accepted_values", { values: ["new"] }, { column: "status", ...more });
  test.each([
    [{}, "fail", 2],
    [{ severity: "warn" }, "warn", 2],
    [{ threshold: { rows: 1 } }, "fail", 2],
    [{ threshold: { rows: 2 } }, "pass", 2],
    [{ threshold: { percent: 49 } }, "fail", 2],
    [{ threshold: { percent: 50 } }, "pass", 2],
    [{ where: "id > 2 -- only late ones" }, "pass", 0],
    [{ where: "id = 2 OR id = 1" }, "fail", 2],
  ] as const)("%j", async (more, status, unexpected) => {
    const result = await one(bad(more as Partial<CheckSpec>));
    expect([result.status, result.unexpected_count]).toEqual([status, unexpected]);
  });

  test("where limits the elements, the sample and the query", async () => {
    const result = await one(bad({ where: "id = 1 OR id = 2" }));
    expect(result.element_count).toBe(3);
    expect(result.unexpected_percent).toBeCloseTo(66.67, 1);
    expect(result.sample.map((row) => row["id"])).toEqual([2, 2]);
    expect(result.query).toContain("FROM `silver`.`orders` WHERE");
  });
});

describe("what cannot be run", () => {
  test("a broken check reports an error; the others still give their results", async () => {
    const results = await run([
      spec("not_null", {}, { column: "nowhere" }),
      spec("not_null", {}, { column: "id" }),
      spec("relationships", { to: "silver.gone.id" }, { column: "id" }),
      spec("sql", { sql: "SELECT FROM" }),
      spec("sql", { sql: "SELECT * FROM gold.gone" }, { name: "sql_2" }),
      spec("row_count", { min: 1 }),
    ]);
    expect(results.map((result) => result.status)).toEqual([
      "error",
      "pass",
      "error",
      "error",
      "error",
      "pass",
    ]);
    expect(results[0]?.message).toContain("nowhere");
    expect(results[2]?.message).toBe("dataset silver.gone does not exist or was never published");
    expect(results[4]?.message).toBe("dataset gold.gone does not exist or was never published");
    expect(results.map(blocks)).toEqual([true, false, true, true, true, false]);
  });

  test("an abort is thrown", async () => {
    await expect(one(spec("row_count", { min: 1 }), { signal: AbortSignal.abort() })).rejects.toThrow();
  });

  test("no check, no statement", async () => {
    expect(
      await run([], { engine: { ...t.engine, rows: () => Promise.reject(new Error("asked")) } }),
    ).toEqual([]);
  });
});

test("twenty passing checks are one statement; each failing one asks for its sample", async () => {
  let statements = 0;
  const engine: typeof t.engine = {
    ...t.engine,
    rows: (sql, options) => {
      statements++;
      return t.engine.rows(sql, options);
    },
  };
  const passing = Array.from({ length: 20 }, (_, i) => spec("not_null", {}, { column: "id", name: `c${i}` }));
  await run(passing, { engine });
  expect(statements).toBe(1);
  await run([...passing, spec("unique", {}, { column: "id" })], { engine });
  expect(statements).toBe(3);
});

describe("rejected", () => {
  const at = { name: "at", type: "DateTime64(3, 'UTC')" };
  const task = { taskId: "t1", read: 10, rejected: 3, key: [{ name: "id", type: "UInt32" }], newestBy: [at] };
  beforeAll(async () => {
    await ensureSchema(t.engine);
    const reject = (id: number, day: string, rule = "unknown_status", task_id = "t1") => ({
      dataset: "silver.orders",
      rule,
      task_id,
      raw: JSON.stringify({ id: String(id), at: `${day} 00:00:00.000`, status: "New!" }),
      source_ref: `id=${id}`,
    });
    await t.engine.insert("ops.quarantine_log", [
      reject(1, "2024-01-09"),
      reject(4, "2024-01-01"),
      reject(9, "2024-01-01"),
      reject(1, "2024-01-01", "negative_total"),
      reject(2, "2024-01-09", "unknown_status", "t0"),
    ]);
  });
  const rules = { rules: ["unknown_status"] };

  test("counts what the task rejected by these rules and no newer good version follows", async () => {
    const result = await one(spec("rejected", rules), { task });
    expect([result.status, result.element_count, result.unexpected_count]).toEqual(["fail", 10, 2]);
    expect(result.sample).toContainEqual({
      rule: "unknown_status",
      source_ref: "id=9",
      _raw: expect.stringContaining("New!"),
    });
    expect(brief(await one(spec("rejected"), { task: { ...task, newestBy: [] } }))).toEqual(["fail", 10, 4]);
  });

  test("a share or a number is allowed; published rows are not judged", async () => {
    const share = (percent: number) => spec("rejected", rules, { threshold: { percent } });
    expect(brief(await one(share(20), { task }))).toEqual(["pass", 10, 2]);
    expect(brief(await one(share(19), { task }))).toEqual(["fail", 10, 2]);
    expect(brief(await one(spec("rejected", { ...rules, at_least: 3 }), { task }))).toEqual(["pass", 10, 0]);
    expect((await one(spec("rejected", rules))).status).toBe("skipped");
    expect((await one(spec("rejected", rules), { task: { ...task, rejected: 0 } })).status).toBe("pass");
  });

  test("a rule that the model does not have is refused with the nearest name", () => {
    const model = {
      checks: [spec("rejected", { rules: ["unknown_state", "invalid_total"] })],
      reject: [{ name: "unknown_status", condition: "1", location: "" }],
      columns: [{ name: "total", type: "Decimal(9, 2)", description: "", tags: [] }],
    };
    expect(problemsInModel(model)).toEqual([
      {
        message: "check rejected names the unknown rule unknown_state",
        hint: "Did you mean unknown_status? The model's rules: unknown_status, invalid_total.",
        file: "models/silver/orders.sql",
        line: 9,
      },
    ]);
  });
});

test("masked columns do not show their values", async () => {
  const result = await one(spec("not_null", {}, { column: "status" }), { masked: ["total"] });
  expect(result.sample[0]?.["total"]).toBe("***");
});

test("the registry holds every file of its folder and every name a header may use", () => {
  const files = readdirSync(new URL("../../src/quality/checks/", import.meta.url))
    .filter((name) => name !== "registry.ts")
    .map((name) => name.replace(/\.ts$/, "").replaceAll("-", "_"));
  expect([...checkRegistry.keys()].sort()).toEqual(files.sort());
  for (const { dimension } of checkRegistry.values()) expect(dimensions).toContain(dimension);
  for (const [name, type] of checkRegistry) expect(type.type).toBe(name);
});

describe("validateCheck", () => {
  const messages = (check: CheckSpec) => validateCheck(check).map((problem) => problem.message);
  test("names the nearest type and argument, with file and line", () => {
    expect(validateCheck(spec("not_nul"))).toEqual([
      {
        message: "unknown check type not_nul",
        hint: expect.stringContaining("Did you mean not_null?"),
        file: "models/silver/orders.sql",
        line: 9,
      },
    ]);
    expect(validateCheck(spec("accepted_range", { mim: 0, max: 1 }, { column: "a" }))[0]).toMatchObject({
      message: "check accepted_range has no argument mim",
      hint: expect.stringContaining("Did you mean min?"),
    });
  });
  test("reports missing and unfit arguments", () => {
    expect(messages(spec("not_null"))).toEqual(["check not_null needs a column"]);
    expect(messages(spec("row_count"))).toEqual(["check row_count: needs min, max or both"]);
    expect(messages(spec("freshness", { column: "at", max_age: "soon" }))[0]).toContain('"90m"');
    expect(messages(spec("relationships", { to: "customers" }, { column: "a" }))[0]).toContain(
      "<layer>.<dataset>.<column>",
    );
    expect(messages(spec("accepted_values", { values: [] }, { column: "a" }))[0]).toContain(
      "argument values",
    );
  });
  test("finds nothing wrong with good ones", () => {
    expect(validateCheck(spec("unique", { columns: ["a", "b"] }))).toEqual([]);
    expect(validateCheck(spec("volume"))).toEqual([]);
  });
});

test("a combination has as many values whatever column the rows are sorted by", async () => {
  const value = fc.option(fc.integer({ min: 0, max: 3 }));
  const name = "staged.pairs";
  await t.engine.command(
    `CREATE TABLE ${name} (a Nullable(UInt8), b Nullable(UInt8), c UInt8) ENGINE = Memory`,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(value, value, fc.nat({ max: 3 })), { maxLength: 12 }),
      async (rows) => {
        await t.engine.command(`TRUNCATE TABLE ${name}`);
        const values = rows.map((row) => `(${row.map((v) => v ?? "NULL").join(", ")})`).join(", ");
        if (rows.length > 0) await t.engine.command(`INSERT INTO ${name} VALUES ${values}`);
        for (const columns of [
          ["a", "b"],
          ["c", "a"],
          ["b", "c"],
          ["a", "b", "c"],
        ]) {
          const repeated =
            rows.length - new Set(rows.map((row) => columns.map((x) => row["abc".indexOf(x)]).join())).size;
          for (const sortedBy of [[], ["a"], ["b", "a"], ["c"]])
            expect(brief(await one(spec("unique", { columns }), { from: name, sortedBy }))).toEqual([
              repeated === 0 ? "pass" : "fail",
              rows.length,
              repeated,
            ]);
        }
      },
    ),
    { numRuns: 15 },
  );
});
