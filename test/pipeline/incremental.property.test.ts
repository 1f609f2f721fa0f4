/**
 * Incremental equals full (design invariant 5): any sequence of new, late, corrected, re-delivered and broken rows, with runs at
 * any point in between, gives the tables of one full build over the same files.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { copyShop, modelDatasets as datasets, openShop, shopFiles, type TestShop } from "./shop.ts";

interface Order {
  readonly id: number;
  readonly version: number;
  readonly day: string;
  readonly sku: string;
  readonly status: string;
  readonly amount: string;
}

const order = fc.record({
  id: fc.integer({ min: 1, max: 8 }),
  version: fc.integer({ min: 1, max: 4 }),
  day: fc.constantFrom("2024-01-31", "2024-02-01", "2024-02-29", "2024-03-10", "no day"),
  sku: fc.constantFrom("A", "B", "C", "gone"),
  status: fc.constantFrom("paid", "open", "cancelled", "draft"),
  amount: fc.constantFrom("10.00", "0.10", "0.20", "-3", "many", "99999.99"),
});

const product = fc.record({
  sku: fc.constantFrom("A", "B", "C"),
  version: fc.integer({ min: 1, max: 3 }),
  category: fc.constantFrom("books", "toys"),
  title: fc.constantFrom("x", "y"),
});

type Step =
  | { readonly kind: "orders"; readonly file: number; readonly rows: readonly Order[] }
  | {
      readonly kind: "products";
      readonly file: number;
      readonly rows: readonly { sku: string; version: number; category: string; title: string }[];
    }
  | { readonly kind: "copy"; readonly file: number }
  | { readonly kind: "run" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("orders" as const),
      file: fc.integer({ min: 1, max: 5 }),
      rows: fc.array(order, { maxLength: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("products" as const),
      file: fc.integer({ min: 1, max: 3 }),
      rows: fc.array(product, { maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("copy" as const), file: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: "run" as const }) },
);

/** A file is written whole: the same number again is a corrected delivery. */
async function apply(shop: TestShop, step: Step, delivered: Map<number, string>): Promise<void> {
  if (step.kind === "run") {
    const report = await shop.run();
    expect(report.tasks.filter((task) => task.state !== "success")).toEqual([]);
  } else if (step.kind === "orders") {
    const text = orders(step.rows);
    delivered.set(step.file, text);
    await shop.put(`orders/o${step.file}.csv`, text);
  } else if (step.kind === "products") {
    const rows = step.rows.map((row) => `${row.sku},${row.version},${row.category},${row.title}\n`);
    await shop.put(`products/p${step.file}.csv`, `sku,version,category,title\n${rows.join("")}`);
  } else if (delivered.has(step.file)) {
    await writeFile(join(shop.dir, `orders/o${step.file}.csv`), delivered.get(step.file) ?? "");
  }
}

const orders = (rows: readonly Order[]): string =>
  `order_id,version,day,sku,status,amount\n${rows.map((row) => `${row.id},${row.version},${row.day},${row.sku},${row.status},${row.amount}\n`).join("")}`;

const rejects = (shop: TestShop): Promise<unknown[]> =>
  shop.project.host.engine.rows(
    "SELECT dataset, rule, source_ref, raw, occurrences FROM ops.quarantine WHERE status = 'open' ORDER BY ALL",
  );

const seeds = process.env["CI"] === "true" ? 12 : 4;

it("any way of feeding a shop gives the tables of one full build", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      const shop = await openShop({
        ...shopFiles,
        "products/p0.csv": "sku,version,category,title\nA,0,books,a\n",
        "orders/o0.csv": orders([]),
      });
      try {
        const delivered = new Map<number, string>();
        for (const next of [...steps, { kind: "run" } as const]) await apply(shop, next, delivered);
        const whole = await copyShop(shop.dir);
        try {
          await whole.run();
          for (const dataset of datasets)
            expect([dataset, await shop.rows(dataset)]).toEqual([dataset, await whole.rows(dataset)]);
          expect(await rejects(shop)).toEqual(await rejects(whole));
        } finally {
          await whole.stop();
        }
      } finally {
        await shop.stop();
      }
    }),
    { numRuns: seeds, seed: 20261121, endOnFailure: true },
  );
}, 900_000);
