/**
 * Never stale rows with success (design invariant 11): any sequence of deliveries, runs, backups of the whole state and restores
 * of any part of it ends, after one more run, with the tables of a full build over the same files.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  arrivals,
  deliver,
  everything,
  loseNewestCommits,
  replaceFolder,
  restoredFiles,
} from "./restored.ts";
import { copyShop, openShop, type TestShop } from "./shop.ts";

/** Parts of the state that somebody may restore, or remove, alone. */
const parts = [
  ".shoplake",
  ".shoplake/lake",
  ".shoplake/lake/bronze",
  ".shoplake/lake/silver",
  ".shoplake/warehouse",
  ".shoplake/cache",
  "out",
] as const;

const order = fc.record({
  file: fc.constantFrom("a", "b", "c"),
  id: fc.integer({ min: 1, max: 4 }),
  version: fc.integer({ min: 1, max: 3 }),
  month: fc.integer({ min: 1, max: 3 }),
  amount: fc.constantFrom("1.00", "2.50", "-3"),
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("deliver" as const), order }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("run" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("save" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("restore" as const), part: fc.constantFrom(...parts) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("remove" as const), part: fc.constantFrom(...parts) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("lose" as const),
      layer: fc.constantFrom("bronze", "silver"),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function run(shop: TestShop): Promise<void> {
  const report = await shop.run();
  expect(report.tasks.filter(({ state }) => state !== "success")).toEqual([]);
}

/** `kept` holds the newest backup: the whole state and the sink's files. */
async function apply(shop: TestShop, kept: string, next: Step): Promise<void> {
  if (next.kind === "run") return run(shop);
  if (next.kind === "deliver") {
    const { file, id, version, month, amount } = next.order;
    const row = `${id},${version},2024-0${month}-05,A,paid,${amount}`;
    return deliver(shop, {
      [`orders/${file}.csv`]: `order_id,version,day,sku,status,amount\n${row}\n`,
    });
  }
  await shop.reopen(async () => {
    if (next.kind === "lose") await loseNewestCommits(shop.dir, next.layer);
    else if (next.kind === "remove") await rm(join(shop.dir, next.part), { recursive: true, force: true });
    else if (next.kind === "restore") await replaceFolder(join(kept, next.part), join(shop.dir, next.part));
    else for (const part of [".shoplake", "out"]) await replaceFolder(join(shop.dir, part), join(kept, part));
  });
}

const rounds = process.env["CI"] === "true" ? 10 : 3;

it("any part of the state may go back at any time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 14 }), async (steps) => {
      const shop = await openShop(restoredFiles);
      const kept = `${shop.dir}-kept`;
      try {
        await deliver(shop, arrivals.first);
        await run(shop);
        await apply(shop, kept, { kind: "save" });
        for (const next of steps) await apply(shop, kept, next);
        await run(shop);
        const whole = await copyShop(shop.dir);
        try {
          await rm(join(whole.dir, "out"), { recursive: true, force: true });
          await run(whole);
          expect(await everything(shop)).toEqual(await everything(whole));
        } finally {
          await whole.stop();
        }
      } finally {
        await shop.stop();
        await rm(kept, { recursive: true, force: true });
      }
    }),
    { numRuns: rounds, seed: 20261201, endOnFailure: true },
  );
}, 900_000);
