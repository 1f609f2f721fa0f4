import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guardedSelect } from "../../src/quality/rules.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { model, textTable } from "./helpers.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

const rows = [
  { id: "1", price: "10.50", total: "10", at: "2024-01-02" },
  { id: "2", price: "abc", total: "-1", at: "2024-01-02" },
  { id: "3", price: "1", total: "-1", at: "2024-01-02" },
  { id: "4", price: "1", total: null, at: "03/04/2024" },
  { id: "5", price: null, total: "5", at: "2024-01-02" },
  { id: "6", price: "90071992547409.9312", total: null, at: null },
  { id: "7", price: "3.12345", total: null, at: null },
];
const types = {
  price: "Decimal(18, 4)",
  total: "Nullable(Int64)",
  at: "Nullable(Date)",
};
const reject = { negative_total: "total <\n 0 -- refunds", cheap: "price < 2" };

describe("guardedSelect", () => {
  test("gives each row its types and the first broken rule", async () => {
    const orders = await model(t.engine, {
      sql: `SELECT * FROM ${await textTable(t.engine, rows)} -- all`,
      types,
      reject,
    });
    const found = await t.engine.rows<Record<string, unknown>>(
      `SELECT id, toString(price) AS price, total, _reject, _reject_reason, _raw FROM (${guardedSelect(orders)}) ORDER BY id`,
    );
    expect(found.map(({ id, _reject, _reject_reason }) => [id, _reject, _reject_reason])).toEqual([
      ["1", "", ""],
      ["2", "invalid_price", "price: 'abc' is not a Decimal(18, 4)"],
      ["3", "negative_total", "negative_total: total < 0 -- refunds"],
      ["4", "invalid_at", "at: '03/04/2024' can be read day-first and month-first: parse it in the SELECT"],
      [
        "5",
        "invalid_price",
        "price: NULL is not allowed in Decimal(18, 4), only in Nullable(Decimal(18, 4))",
      ],
      ["6", "", ""],
      ["7", "invalid_price", "price: '3.12345' is not a Decimal(18, 4)"],
    ]);
    expect(found[5]?.["price"]).toBe("90071992547409.9312");
    expect(JSON.parse(String(found[1]?.["_raw"]))).toEqual(rows[1]);
    expect(found[0]?.["_raw"]).toBe("");
  });

  test("yields exactly the schema and three columns more", async () => {
    const orders = await model(t.engine, {
      sql: `SELECT * FROM ${await textTable(t.engine, rows)}`,
      types,
      reject,
    });
    const described = await t.engine.rows<{ name: string; type: string }>(
      `DESCRIBE (${guardedSelect(orders)})`,
    );
    expect(described.map(({ name, type }) => ({ name, type }))).toEqual([
      ...orders.schema,
      { name: "_reject", type: "String" },
      { name: "_reject_reason", type: "String" },
      { name: "_raw", type: "String" },
    ]);
  });

  test("is nothing without types, rules and keys", async () => {
    expect(guardedSelect(await model(t.engine, { sql: "SELECT 1 AS a" }))).toBeUndefined();
  });

  test("names with quotes, backticks and dots are only names", async () => {
    const column = "it's `a\\b`.c";
    const sql = "SELECT 'x' AS `it's \\`a\\\\b\\`.c`, '1' AS `_reject_x`";
    const odd = await model(t.engine, {
      sql,
      types: { [column]: "Int32" },
      reject: { "quote's": "`_reject_x` = '2'" },
      key: [column],
    });
    expect(odd.schema[0]?.name).toBe(column);
    const found = await t.engine.rows(guardedSelect(odd) ?? "");
    expect(found).toEqual([
      {
        [column]: 0,
        _reject_x: "1",
        _reject: `invalid_${column}`,
        _reject_reason: `${column}: 'x' is not a Int32`,
        _raw: JSON.stringify({ [column]: "x", _reject_x: "1" }),
      },
    ]);
  });

  test("keeps raw bytes that are not UTF-8", async () => {
    const name = await textTable(t.engine, [], ["price"]);
    await t.engine.command(`INSERT INTO ${name} SELECT unhex('FF41')`);
    const orders = await model(t.engine, { sql: `SELECT * FROM ${name}`, types: { price: "Int32" } });
    const [row] = await t.engine.rows(
      `SELECT hex(_raw) AS raw, _reject_reason FROM (${guardedSelect(orders)})`,
    );
    expect(Buffer.from(String(row?.["raw"]), "hex").toString("latin1")).toBe('{"price":"\xffA"}');
    expect(row?.["_reject_reason"]).toBe("price: '\ufffdA' is not a Int32");
  });

  test("stays small and fast to plan with 40 typed columns", async () => {
    const columns = Array.from({ length: 40 }, (_, i) => `c${i}`);
    const name = await textTable(t.engine, [
      Object.fromEntries(columns.map((c) => [c, "2024-01-02 10:00:00"])),
    ]);
    const wide = await model(t.engine, {
      sql: `SELECT * FROM ${name}`,
      types: Object.fromEntries(columns.map((c) => [c, "DateTime64(3)"])),
    });
    const sql = guardedSelect(wide) ?? "";
    expect(sql.length).toBeLessThan(100_000);
    const started = performance.now();
    expect(await t.engine.rows(`SELECT _reject FROM (${sql})`)).toEqual([{ _reject: "" }]);
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
