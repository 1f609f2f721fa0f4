import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dedupe } from "../../src/quality/dedupe.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { textRows } from "./helpers.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

const columns = ["k1", "k2", "at", "v", "w"];
const keyed = {
  key: ["k1", "k2"],
  newestBy: ["at"],
  schema: columns.map((name) => ({ name, type: "Nullable(String)" })),
};
const row = fc.record({
  k1: fc.constantFrom("a", "b", null),
  k2: fc.constantFrom("x", "y", null),
  at: fc.constantFrom("1", "2", null),
  v: fc.constantFrom("p", "q", null),
  w: fc.constantFrom("r", "s"),
});

async function winners(select: string, by: "sort" | "split" = "sort"): Promise<string[]> {
  const rows = await t.engine.rows(dedupe(select, keyed, [], by));
  return rows.map((one) => JSON.stringify(columns.map((name) => one[name]))).sort();
}

test("the winners do not depend on order, on splitting, on doing it twice, or on the construct", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc
        .array(row, { minLength: 1, maxLength: 25 })
        .chain((rows) =>
          fc.tuple(
            fc.constant(rows),
            fc.shuffledSubarray(rows, { minLength: rows.length }),
            fc.integer({ min: 0, max: rows.length }),
          ),
        ),
      async ([rows, shuffled, cut]) => {
        const whole = textRows(rows, columns);
        const other = textRows(shuffled, columns);
        const left = textRows(shuffled.slice(0, cut), columns);
        const right = textRows(shuffled.slice(cut), columns);
        const expected = await winners(`SELECT * FROM ${whole}`);
        expect(new Set(expected.map((one) => JSON.stringify(JSON.parse(one).slice(0, 2)))).size).toBe(
          expected.length,
        );
        expect(await winners(`SELECT * FROM ${other}`)).toEqual(expected);
        expect(await winners(`SELECT * FROM ${other}`, "split")).toEqual(expected);
        const part = (name: string) => `(${dedupe(`SELECT * FROM ${name}`, keyed)})`;
        const merged = `SELECT * FROM ${part(left)} UNION ALL SELECT * FROM ${part(right)}`;
        expect(await winners(merged)).toEqual(expected);
        expect(await winners(`${merged} UNION ALL SELECT * FROM ${whole}`, "split")).toEqual(expected);
      },
    ),
    { numRuns: 40, seed: 3 },
  );
}, 120_000);

test("extra columns come along and decide last", async () => {
  const select = "SELECT 'a' AS k, '1' AS at, 'x' AS v, arrayJoin([0, 1]) AS _new";
  const schema = ["k", "at", "v"].map((name) => ({ name, type: "String" }));
  const rows = await t.engine.rows(dedupe(select, { key: ["k"], newestBy: ["at"], schema }, ["_new"]));
  expect(rows).toEqual([{ k: "a", at: "1", v: "x", _new: 1 }]);
});
