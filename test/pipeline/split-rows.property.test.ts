import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TaskCounts } from "../../src/api/runs.ts";
import { reconciled, rejectedRows, splitRows } from "../../src/pipeline/model/split-rows.ts";
import { rejectRows } from "../../src/quality/rejects.ts";
import type { RowModel } from "../../src/quality/rules.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { model, textRows, textTable } from "../quality/helpers.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

/** Most rows are good, so that good rows of one key meet. */
const row = fc.record({
  id: fc.constantFrom("1", "2", "3", "4", null),
  price: fc.oneof(
    { weight: 3, arbitrary: fc.constant("1.5") },
    { weight: 1, arbitrary: fc.constantFrom("20", "x", "", "1.234", null) },
  ),
  total: fc.constantFrom("1", "-1", "y", "", null),
  updated: fc.constantFrom("2024-01-01", "2024-01-02", "2024-01-03", "31/02/2024", null),
  _deleted: fc.constantFrom("true", "false", "false", "false", null),
});
type Row = Record<string, string | null>;

const types = { price: "Decimal(9, 2)", total: "Nullable(Int32)", updated: "Nullable(Date)" };
const reject = { negative: "total < 0", dear: "price > 10" };

interface Staged {
  readonly published: readonly Row[];
  readonly rejects: readonly { readonly _reject: string; readonly _raw: string }[];
  readonly counts: TaskCounts;
  readonly statements: number;
}

/** Stages into memory instead of files. */
async function stage(of: RowModel): Promise<Staged> {
  const staged: { published: Row[]; rejects: { _reject: string; _raw: string }[]; statements: number } = {
    published: [],
    rejects: [],
    statements: 0,
  };
  const rows = await splitRows(t.engine, of);
  staged.statements++;
  staged.published = await t.engine.rows<Row>(rows.select);
  const published = staged.published.length;
  const bad = rejectedRows(rows, published);
  if (bad !== undefined) {
    const { select: guarded } = bad;
    staged.statements++;
    const told = await t.engine.rows(`${rejectRows(bad, of)} ORDER BY ALL`);
    expect(told).toEqual(await t.engine.rows(`${rejectRows({ select: guarded }, of)} ORDER BY ALL`));
    staged.rejects = await t.engine.rows(`SELECT _reject, _raw FROM (${guarded}) WHERE _reject != ''`);
  }
  const counts = reconciled(of.dataset, rows, { published, rejected: staged.rejects.length });
  return { ...staged, counts };
}

/** The rules in TypeScript, told independently. */
function broken({ price, total, updated }: Record<string, string | null>): string {
  if (price === "x" || price === "" || price === "1.234" || price === null) return "invalid_price";
  if (total === "y") return "invalid_total";
  if (updated === "31/02/2024") return "invalid_updated";
  if (total === "-1") return "negative";
  return price === "20" ? "dear" : "";
}

/** Winner per key: newest, ties by price, total, _deleted in column order; NULL is oldest. */
function winners(rows: readonly Record<string, string | null>[]): Record<string, string | null>[] {
  const best = new Map<string | null, Record<string, string | null>>();
  for (const row of rows) {
    const other = best.get(row["id"] ?? null);
    if (!other || (row["updated"] ?? "") > (other["updated"] ?? "")) best.set(row["id"] ?? null, row);
  }
  return [...best.values()];
}

test("every row is exactly one of published, rejected, deduplicated", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 30 }),
      fc.boolean(),
      fc.boolean(),
      async (rows, keyed, deletes) => {
        const columns = ["id", "price", "total", "updated", ...(deletes ? ["_deleted"] : [])];
        const table = textRows(rows, ["id", "price", "total", "updated", "_deleted"]);
        const orders = await model(t.engine, {
          sql: `SELECT ${columns.join(", ")} FROM ${table}`,
          types,
          reject,
          ...(keyed ? { key: ["id"], newestBy: ["updated"] } : {}),
        });
        const { published, rejects, counts } = await stage(orders);
        const good = rows.filter((one) => broken(one) === "");
        const bad = rows.filter((one) => broken(one) !== "");
        expect(rejects.map((one) => one._reject).sort()).toEqual(bad.map(broken).sort());
        expect(rejects.map((one) => JSON.parse(one._raw)["price"] as string | null).sort()).toEqual(
          bad.map((one) => one.price).sort(),
        );
        expect(counts.read).toBe(rows.length);
        expect(counts.rejected).toBe(bad.length);
        expect(counts.published).toBe(published.length);
        expect(counts.published + counts.rejected + counts.deduplicated).toBe(rows.length);
        if (!keyed) expect(published.length).toBe(good.length);
        else if (!deletes)
          expect(published.map((one) => [one["id"], one["updated"]]).sort()).toEqual(
            winners(good)
              .map((one) => [one["id"], one["updated"]])
              .sort(),
          );
      },
    ),
    { numRuns: 40, seed: 7 },
  );
}, 120_000);

test("a model without types, rules and key is published as it is", async () => {
  const plain = await model(t.engine, { sql: "SELECT number AS n FROM numbers(3);" });
  const staged = await stage(plain);
  expect(staged.counts).toEqual({ read: 3, published: 3, rejected: 0, deduplicated: 0 });
  expect(staged.statements).toBe(1);
});

test("rows that change between the passes are not published", async () => {
  const random = await model(t.engine, {
    sql: "SELECT toString(number) AS n FROM numbers(1000) WHERE rand() % 2 = 0",
    types: { n: "Int32" },
  });
  await expect(stage(random)).rejects.toMatchObject({ code: "internal" });
});

test("a key whose newest row is deleted disappears, and its rows count as deduplicated", async () => {
  const table = await textTable(t.engine, [
    { id: "1", v: "a", at: "2024-01-01", _deleted: "false" },
    { id: "1", v: "b", at: "2024-01-02", _deleted: "true" },
    { id: "2", v: "c", at: "2024-01-01", _deleted: "true" },
    { id: "2", v: "d", at: "2024-01-02", _deleted: "false" },
  ]);
  const keyed = await model(t.engine, { sql: `SELECT * FROM ${table}`, key: ["id"], newestBy: ["at"] });
  const { published, counts } = await stage(keyed);
  expect(published.map(({ id, v }) => ({ id, v }))).toEqual([{ id: "2", v: "d" }]);
  expect(counts).toEqual({ read: 4, published: 1, rejected: 0, deduplicated: 3 });
});
