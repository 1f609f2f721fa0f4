/** ClickHouse types survive the way through Delta exactly; what cannot is refused by name. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Column } from "../../src/engine/engine.ts";
import { clickhouseType } from "../../src/lake/delta/delta-types.ts";
import { fromDeltaSchema, storedColumns, toDeltaSchema } from "../../src/lake/delta/schema.ts";
import { keepType } from "../../src/lake/types.ts";
import { type StoreUnderTest, storeKinds } from "./stores.ts";
import { lakeOf, write } from "./tables.ts";
import { typeCases } from "./type-cases.ts";

describe("types", () => {
  it.each([
    ["UInt64", "decimal(20,0)"],
    ["LowCardinality(Nullable(String))", "string"],
    ["Nullable(Decimal(18, 4))", "decimal(18,4)"],
    ["DateTime64(3, 'Europe/Berlin')", "timestamp"],
    ["Enum8('a,b' = 1, 'c)' = 2)", "string"],
  ])("%s is %s", (type, delta) => expect(keepType(type, "c").delta).toBe(delta));

  it.each([
    ["JSON", /JSON/],
    ["Dynamic", /Dynamic/],
    ["Variant(String, UInt8)", /Variant/],
    ["DateTime64(9)", /microseconds/],
    ["Nullable(Tuple(a Int8))", /tuple of nulls/],
    ["AggregateFunction(sum, UInt64)", /finalizeAggregation/],
    ["Array(DateTime64(7, 'UTC'))", /DateTime64\(7, 'UTC'\)/],
    ["IntervalDay", /IntervalDay/],
  ])("%s is refused with column and advice", (type, part) => {
    const call = () => storedColumns([{ name: "price", type }], "silver.orders");
    expect(call).toThrow(/cannot keep values of type/);
    try {
      call();
    } catch (error) {
      const { message, details } = error as { message: string; details: { where: string; hint: string } };
      expect(details.where).toBe("silver.orders, column price");
      expect(`${message} ${details.hint}`).toMatch(part);
    }
  });

  it.each(["a b", "a,b", "a=b", "x;y", "(x)", "_part", ""])("refuses the column name %j", (name) => {
    expect(() => storedColumns([{ name, type: "Int8" }], "d.t")).toThrow(/cannot be a column name/);
  });

  it("refuses names that differ only in case", () => {
    const twins = [
      { name: "Id", type: "Int8" },
      { name: "id", type: "Int8" },
    ];
    expect(() => storedColumns(twins, "d.t")).toThrow(/only in upper and lower case/);
  });

  it("gives the original columns back from the Delta schema", () => {
    const columns: Column[] = typeCases.map(({ type }, i) => ({ name: `c${i}`, type }));
    const schema = toDeltaSchema(columns, "d.t", undefined, undefined);
    expect(fromDeltaSchema(JSON.parse(JSON.stringify(schema)))).toEqual(columns);
  });

  it("takes the nearest type where another program changed the field", () => {
    const [field] = toDeltaSchema([{ name: "a", type: "UInt8" }], "d.t", undefined, undefined).fields;
    if (field === undefined) throw new Error("unreachable");
    expect(fromDeltaSchema({ type: "struct", fields: [{ ...field, type: "long", nullable: true }] })).toEqual(
      [{ name: "a", type: "Nullable(Int64)" }],
    );
    expect(clickhouseType({ type: "array", elementType: "decimal(10,2)", containsNull: true }, true)).toBe(
      "Array(Nullable(Decimal(10, 2)))",
    );
    expect(() => clickhouseType("variant", true)).toThrow(/variant cannot be read/);
  });
});

for (const { kind, available, open } of storeKinds)
  describe.skipIf(!available)(`values on ${kind}`, () => {
    let under: StoreUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under?.stop());

    it("come back with type and value, through files and through a new reader", async () => {
      const { engine } = under;
      const columns = typeCases.map(({ type }, i) => ({ name: `c${i}`, type }));
      const height = Math.max(...typeCases.map(({ values }) => values.length));
      const row = (n: number) =>
        typeCases
          .map(({ type, values }, i) => `CAST(${values[n % values.length]} AS ${type}) AS c${i}`)
          .join(", ");
      const select = Array.from({ length: height }, (_, n) => `SELECT ${n} AS n, ${row(n)}`).join(
        " UNION ALL ",
      );
      await engine.command("CREATE DATABASE IF NOT EXISTS wanted");
      await engine.command(`CREATE OR REPLACE TABLE wanted.t ENGINE = MergeTree ORDER BY n AS ${select}`);
      const table = lakeOf(under).table("bronze.types");
      const all = [{ name: "n", type: "UInt8" }, ...columns];
      await write(table, { select: "SELECT * FROM wanted.t", columns: all });
      await table.checkpoint();
      const fresh = lakeOf(under).table("bronze.types");
      const snapshot = await fresh.snapshot();
      if (snapshot === undefined) throw new Error("unreachable");
      const described = await engine.rows<{ name: string; type: string }>(`DESCRIBE ${fresh.read(snapshot)}`);
      const plain = described.map(({ name, type }) => ({ name, type: oneLine(type) }));
      expect(plain).toEqual(all);
      for (const [i, { type }] of columns.entries()) {
        const [bad] = await engine.rows<{ bad: string }>(
          `SELECT countIf(toString(w.c${i}) != toString(r.c${i}) OR isNull(w.c${i}) != isNull(r.c${i})) AS bad
           FROM wanted.t AS w JOIN ${fresh.read(snapshot)} AS r USING n SETTINGS join_use_nulls = 0`,
        );
        expect({ type, bad: bad?.bad }).toEqual({ type, bad: "0" });
      }
      for (const [i, { type, values }] of typeCases.entries())
        for (const value of values.filter((text) => text !== "NULL" && !/^(Map|Tuple)/.test(type))) {
          const count = (from: string) =>
            engine.rows(`SELECT count() AS rows FROM ${from} AS t WHERE c${i} = CAST(${value} AS ${type})`);
          expect({ type, value, found: await count(fresh.read(snapshot)) }).toEqual({
            type,
            value,
            found: await count("wanted.t"),
          });
        }
    });
  });

/** DESCRIBE spreads tuples over lines. */
function oneLine(type: string): string {
  return type.replace(/\(\s+/g, "(").replace(/\s+/g, " ");
}
