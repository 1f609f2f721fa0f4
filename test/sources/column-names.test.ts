import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isFault,
  isLegal,
  type NameOptions,
  nameColumns,
  styleFor,
  type TableNames,
} from "../../src/sources/column-names.ts";
import { nameOptions } from "../../src/sources/name-options.ts";
import { isReserved } from "../../src/sources/reserved-names.ts";
import { snakeCase } from "../../src/sources/snake-case.ts";
import { namesAsProperties, namesOfTable, receivedNames } from "../../src/sources/stored-names.ts";
import { recordOf } from "../../src/util/own.ts";

const part = fc.constantFrom(
  ..."aAbBzZ019 _-.,;(){}='\"`\\\t\n%€éßøÆ商д",
  "constructor",
  "__proto__",
  "Id",
  "\u0301",
);
const name = fc.oneof(
  fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("")),
  fc.constantFrom(
    "_file",
    "_FILE",
    "_row",
    "_ingested_at",
    "_id",
    "id",
    "ID",
    "__proto__",
    "toString",
    "__c0",
  ),
  fc.string({ minLength: 1, maxLength: 8, unit: "grapheme" }),
);
const header = fc.uniqueArray(name, { minLength: 1, maxLength: 12 });

function fresh(received: readonly string[], given: NameOptions = {}): TableNames | undefined {
  const style = styleFor([received], given);
  const named = nameColumns(received, { style, columns: new Map() }, given);
  return isFault(named) ? undefined : named;
}

describe("names of columns", () => {
  it.each([
    ["Financial Status", "financial_status"],
    ["Total (EUR)", "total_eur"],
    ["Attribute 1 value(s)", "attribute_1_value_s"],
    ["orderID", "order_id"],
    ["SKUCode", "sku_code"],
    ["SKU", "sku"],
    ["Größe", "grosse"],
    ["Prénom", "prenom"],
    ["_Score", "_score"],
    ["__proto__", "__proto__"],
    ["a__b_", "a__b_"],
    ["商品 名", "商品_名"],
    ["1st", "c_1st"],
    ["%", "c_25"],
  ])("%s becomes %s", (received, expected) => {
    expect(snakeCase(received)).toBe(expected);
  });

  it("snake_case is legal, and its own snake_case", () => {
    fc.assert(
      fc.property(name, (received) => {
        const snake = snakeCase(received);
        expect(isLegal(snake)).toBe(true);
        expect(snakeCase(snake)).toBe(snake);
      }),
      { numRuns: 2000 },
    );
  });

  it("every column has one name: legal, not reserved, unlike the others whatever their case", () => {
    fc.assert(
      fc.property(
        header,
        fc.constantFrom(undefined, "keep" as const, "snake_case" as const),
        (received, names) => {
          const found = fresh(received, { names });
          if (found === undefined) return;
          expect([...found.columns.keys()]).toEqual(received);
          const given = [...found.columns.values()];
          expect(given.filter((each) => !isLegal(each) || isReserved(each))).toEqual([]);
          expect(new Set(given.map((each) => each.toLowerCase())).size).toBe(given.length);
          if (names === undefined && received.every((each) => isLegal(each) && !isReserved(each)))
            expect(found.style === "snake_case" || given.join() === received.join()).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("what is stored with the table names all later columns as before, in any order and company", () => {
    fc.assert(
      fc.property(header, header, (first, second) => {
        const decided = fresh(first);
        if (decided === undefined) return;
        const stored = namesAsProperties(decided);
        const columns = [...decided.columns.values()].map((each) => ({ name: each, type: "String" }));
        const known = namesOfTable(columns, stored);
        for (const [given, received] of receivedNames(stored))
          expect(decided.columns.get(received)).toBe(given);
        const later = nameColumns([...second, ...first.toReversed()], known, {});
        if (isFault(later)) return;
        for (const each of first) expect(later.columns.get(each)).toBe(decided.columns.get(each));
        expect(later.style).toBe(decided.style);
      }),
      { numRuns: 2000 },
    );
  });

  it("a table that keeps its names stores nothing", () => {
    const kept = fresh(["id", "Größe", "constructor"]);
    expect(kept && namesAsProperties(kept)).toEqual({});
  });

  it("a renamed column leaves the others as they are", () => {
    const rename = recordOf([
      ["Paid at", "paid_at"],
      ["__proto__", "proto"],
    ]);
    const named = fresh(["orderID", "Paid at", "__proto__"], { rename });
    expect([...(named?.columns ?? [])]).toEqual([
      ["orderID", "orderID"],
      ["Paid at", "paid_at"],
      ["__proto__", "proto"],
    ]);
  });

  it("names all columns that collide", () => {
    const named = nameColumns(["a b", "a_b", "c", "C"], { style: "snake_case", columns: new Map() }, {});
    expect(isFault(named) && named.messages).toEqual([
      '"a b" and "a_b" would both be a_b.',
      '"c" and "C" would both be c (upper and lower case are the same).',
    ]);
  });
});

describe("the options of names", () => {
  const { rename } = nameOptions;

  it("keeps a rename of __proto__", () => {
    const given = JSON.parse('{"__proto__": "proto", "constructor": "maker"}') as Record<string, string>;
    expect(Object.entries(rename.parse(given) ?? {})).toEqual(Object.entries(given));
  });

  it.each([
    [{ a: "b c" }, "cannot be the name of a column"],
    [{ a: "" }, "expected names"],
    [{ a: 1 }, "expected names"],
    [{ a: "_file" }, "take another name, e.g. source_file"],
    [{ a: "x", b: "X" }, "in case only"],
  ])("refuses %j", (given, message) => {
    expect(() => rename.parse(given)).toThrow(message);
  });
});
