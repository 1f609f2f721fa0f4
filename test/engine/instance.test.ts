/** Another engine is noticed, also on a server whose address never changes. */

import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readAddress } from "../../src/engine/discovery.ts";
import { onOneEngine, serverInstances, wasLost } from "../../src/engine/instance.ts";
import { openPins } from "../../src/pipeline/plan/pins.ts";
import { embeddedForTests, type TestEngine } from "./harness.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

async function killEngine(): Promise<void> {
  process.kill((await readAddress(t.dir))?.pid ?? 0, "SIGKILL");
  await expect(t.engine.rows("SELECT sleep(3)"))
    .resolves.toBeDefined()
    .catch(() => undefined);
}

it("an engine has one id as long as it lives, and its successor another", async () => {
  const first = await t.engine.instance();
  expect(await wasLost(t.engine, first)).toBe(false);
  await killEngine();
  expect(await wasLost(t.engine, first)).toBe(true);
  const second = await t.engine.instance();
  expect(second).not.toBe(first);
  expect(await wasLost(t.engine, second)).toBe(false);
});

it("an answer that is lost makes instance() look: it does not name an engine that is gone", async () => {
  const first = await t.engine.instance();
  const lost = t.engine.rows("SELECT sum(sleepEachRow(1)) FROM numbers(60)", {
    settings: { max_block_size: 1, function_sleep_max_microseconds_per_block: 100_000_000 },
  });
  lost.catch(() => undefined);
  await expect
    .poll(() => t.engine.rows("SELECT 1 FROM system.processes WHERE query LIKE '%sleepEachRow%'"))
    .toHaveLength(2);
  process.kill((await readAddress(t.dir))?.pid ?? 0, "SIGKILL");
  await expect(lost).rejects.toMatchObject({ retryable: true });
  expect(await t.engine.instance()).not.toBe(first);
});

it("pins are made again on a new engine under the same names, also when only some statements had been answered", async () => {
  const pins = openPins(t.engine, "aa");
  const ask = async () => {
    const [one, two] = await Promise.all([
      pins.pin("silver.orders", "(SELECT 1 AS a)"),
      pins.pin("silver.orders", "(SELECT 2 AS a)"),
    ]);
    return [
      one,
      two,
      await t.engine.rows(`SELECT (SELECT a FROM ${one}) AS one, (SELECT a FROM ${two}) AS two`),
    ];
  };
  const before = await ask();
  for (let i = 0; i < 3; i++) {
    const racing = ask().catch(() => undefined);
    await killEngine();
    await racing;
    await expect(ask()).resolves.toEqual(before);
  }
  await pins.drop();
});

it("work is done again when the engine was lost in between, and its error is shown when it was not", async () => {
  let rounds = 0;
  const result = await onOneEngine(t.engine, async () => {
    if (++rounds === 1) await killEngine();
    return rounds;
  });
  expect(result).toBe(2);
  await expect(onOneEngine(t.engine, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
});

it("a server that restarts is another one; clocks that differ by a second are not", () => {
  fc.assert(
    fc.property(
      fc.nat(1e9),
      fc.array(fc.nat(1), { maxLength: 20 }),
      fc.integer({ min: 4, max: 1e6 }),
      (start, wobble, later) => {
        const idOf = serverInstances();
        const first = idOf({ server: "s", start });
        for (const by of wobble) expect(idOf({ server: "s", start: start + by })).toBe(first);
        expect(idOf({ server: "s", start: start + 1 + later })).not.toBe(first);
        expect(idOf({ server: "other", start: start + 1 + later })).not.toBe(idOf({ server: "s", start }));
      },
    ),
  );
});
