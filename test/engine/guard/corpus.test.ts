import { afterAll, beforeAll, expect, test } from "vitest";
import { attempts, functionAttempts } from "./corpus.ts";
import { type GuardWorld, guardWorld } from "./world.ts";

let world: GuardWorld;
beforeAll(async () => {
  world = await guardWorld();
});
afterAll(() => world.stop());

/** Several at once: most of an attempt is waiting. */
async function several<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

const params = {
  d: "system",
  t: "processes",
  n: "1",
  get s() {
    return `a UInt8, b String ALIAS file('${world.canary}')`;
  },
};

test("the canaries sing: without the guard each of them is noticed", async () => {
  const other = await guardWorld();
  try {
    const [row] = await other.engine.rows<{ f: string }>(`SELECT file('${other.canary}') AS f`);
    expect(row?.f).toContain("canary-");
    await other.engine.rows(`SELECT * FROM url('${other.url}', 'LineAsString')`).catch(() => {});
    await other.engine.command(
      `INSERT INTO FUNCTION file('${other.precious}', 'LineAsString', 'a String') SETTINGS engine_file_truncate_on_insert = 1 SELECT 'x'`,
    );
    expect(other.touched()).toEqual(["network", "changed precious.txt"]);
  } finally {
    await other.stop();
  }
});

test("every attempt is refused, and nothing is touched", async () => {
  const all = await attempts(world);
  expect(all.length).toBeGreaterThan(2000);
  const passed: string[] = [];
  await several(all, async (sql) => {
    if (!(await world.attempt(sql, { params: { ...params } })).refused) passed.push(sql);
  });
  expect(passed).toEqual([]);
  expect(world.touched()).toEqual([]);
}, 600_000);

test("functions of the engine, called and handed over: what passes touches nothing", async () => {
  const all = await functionAttempts(world);
  expect(all.length).toBeGreaterThan(3000);
  const guilty: string[] = [];
  await several(all, async (sql) => {
    await world.attempt(sql);
    if (world.touched().length > 0) guilty.push(sql);
  });
  expect(guilty).toEqual([]);
}, 600_000);
