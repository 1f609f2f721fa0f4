/** What processes leave in the engine, and who removes it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { withScratch } from "../../src/analysis/scratch.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open.ts";
import { sweepEngine } from "../../src/engine/sweep-engine.ts";
import { pinPrefix, scratchPrefix, spoolTable } from "../../src/engine/temporary-names.ts";
import { openPins } from "../../src/pipeline/plan/pins.ts";
import { embeddedForTests, TEST_ENGINE, type TestEngine } from "./harness.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

const temporary = async () => {
  const rows = await t.engine.rows<{ name: string }>(
    `SELECT name FROM system.databases WHERE match(name, '^(run|_scratch)_')
UNION ALL SELECT concat(database, '.', name) FROM system.tables WHERE database = 'shoplake_spool'`,
  );
  return rows.map(({ name }) => name).sort();
};

const memory = (name: string) => t.engine.command(`CREATE DATABASE ${name} ENGINE = Memory`);

it("drops what owners that are gone left, and nothing else", async () => {
  const [dead, alive] = [{ owner: "deadbeef01" }, { owner: "a11ce" }];
  await t.engine.command("CREATE DATABASE shoplake_spool");
  for (const of of [dead, alive, t.engine]) {
    await memory(`${pinPrefix(of, "0a1b")}silver`);
    await memory(`${pinPrefix(of, "0a1b")}gold_2`);
    await memory(`${scratchPrefix(of, "77")}bronze`);
    await t.engine.command(`CREATE TABLE ${spoolTable(of, "1f")} (a UInt8) ENGINE = Log`);
  }
  await memory("run_4711_abcdef012345_silver");
  await memory("_scratch_abcdef012345_silver");
  await t.engine.command("CREATE DATABASE run_my_shop");
  await t.engine.command("CREATE DATABASE run_my_own_gold");
  const asked: string[] = [];
  const swept = await sweepEngine(t.engine, (owner) => {
    asked.push(owner);
    return owner === alive.owner;
  });
  expect([...swept.dropped].sort()).toEqual(
    [
      "_scratch_abcdef012345_silver",
      "_scratch_deadbeef01_77_bronze",
      "run_4711_abcdef012345_silver",
      "run_deadbeef01_0a1b_gold_2",
      "run_deadbeef01_0a1b_silver",
      "shoplake_spool.copy_deadbeef01_1f",
    ].sort(),
  );
  expect(asked.length).toBe(new Set(asked).size);
  const own = t.engine.owner;
  expect(await temporary()).toEqual(
    [
      ...[own, alive.owner].flatMap((owner) => [
        `run_${owner}_0a1b_silver`,
        `run_${owner}_0a1b_gold_2`,
        `_scratch_${owner}_77_bronze`,
        `shoplake_spool.copy_${owner}_1f`,
      ]),
      "run_my_shop",
      "run_my_own_gold",
    ].sort(),
  );
  for (const name of await temporary())
    await t.engine.command(name.includes(".") ? `DROP TABLE ${name}` : `DROP DATABASE ${name}`);
});

/** The engine, with drops that fail while `broken` says so. */
function failing(engine: Engine, broken: () => boolean): Engine {
  return {
    ...engine,
    command: (sql, options) =>
      broken() && sql.startsWith("DROP DATABASE")
        ? Promise.reject(new Error("lost"))
        : engine.command(sql, options),
  };
}

it("an own drop that failed is done by the next sweep, while this process lives", async () => {
  let broken = true;
  const engine = failing(t.engine, () => broken);
  const [pins, used] = [openPins(engine, "0123"), openPins(engine, "4567")];
  await pins.pin("silver.orders", "(SELECT 1 AS a)");
  const kept = await used.pin("silver.orders", "(SELECT 2 AS a)");
  await withScratch(engine, (scratch) => scratch.create("gold.x", [{ name: "a", type: "UInt8" }]));
  await pins.drop();
  expect(await temporary()).toHaveLength(3);
  expect(await sweepEngine(engine, () => true)).toEqual({ dropped: [], failed: 2 });
  broken = false;
  expect((await sweepEngine(engine, () => true)).dropped).toHaveLength(2);
  expect(await t.engine.rows(`SELECT a FROM ${kept}`)).toEqual([{ a: 2 }]);
  await used.drop();
  expect(await temporary()).toEqual([]);
});

it("names carry the owner that the engine was opened for", async () => {
  const other = await openEngine({ stateDir: t.dir, config: TEST_ENGINE, owner: "node7" });
  const pins = openPins(other, "ab");
  expect(await pins.pin("gold.sales", "(SELECT 1 AS a)")).toBe("run_node7_ab_gold.sales");
  expect((await sweepEngine(t.engine, (owner) => owner === "node7")).dropped).toEqual([]);
  expect((await sweepEngine(t.engine, () => false)).dropped).toEqual(["run_node7_ab_gold"]);
  await other.close();
});
