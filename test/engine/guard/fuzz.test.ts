/**
 * Allowed statements, changed by chance: whatever passes the guard touches nothing. SHOPLAKE_FULL=1 goes on for an hour, or for
 * SHOPLAKE_FUZZ_MINUTES.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { templateQueries, writtenStatements } from "./allowed.ts";
import { placed } from "./corpus.ts";
import { mutated } from "./mutations.ts";
import { type GuardWorld, guardWorld } from "./world.ts";

let world: GuardWorld;
beforeAll(async () => {
  world = await guardWorld();
});
afterAll(() => world.stop());

const full = process.env["SHOPLAKE_FULL"] === "1";
const time = Number(process.env["SHOPLAKE_FUZZ_MINUTES"] ?? 60) * 60_000;
const length = full ? { numRuns: 10_000_000, interruptAfterTimeLimit: time } : { numRuns: 400 };
const statements = [...writtenStatements(), ...(await templateQueries())];

test(
  "whatever passes touches nothing",
  async () => {
    const params = {
      ...statements[0]?.params,
      s: `a UInt8, b String ALIAS file('${world.canary}')`,
      i: "processes",
    };
    let passed = 0;
    const property = fc.asyncProperty(mutated(statements.map(({ sql }) => sql)), async (sql) => {
      const { refused } = await world.attempt(placed(sql, world), { params });
      if (!refused) passed++;
      expect(world.touched()).toEqual([]);
    });
    await fc.assert(property, length);
    expect(passed).toBeGreaterThan(20);
  },
  full ? time + 600_000 : 300_000,
);
