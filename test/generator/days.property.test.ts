/** A shop that was loaded and brought on day by day is the shop that is loaded at once: row for row, in memory and in PostgreSQL. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { day, dayStart, dayText, planThrough, shopPlan } from "../../src/generator/plan.ts";
import { bringPostgresOn } from "../../src/generator/postgres/bring-on.ts";
import { loadPostgres } from "../../src/generator/postgres/load.ts";
import { nextDay } from "../../src/generator/record.ts";
import { tableNames } from "../../src/generator/tables/index.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";
import { fullTables, nextDayOver, sorted } from "./rows.ts";

/** Days before the end of a history of 24 months on which the first load ends; most of them late, when all kinds of rows change. */
const shops = fc.record({
  seed: fc.integer({ min: 0, max: 1_000_000 }),
  scale: fc.constantFrom(0.0001, 0.001, 0.003),
  until: fc.integer({ min: 0, max: 1500 }).map((days) => dayText(dayStart("2024-01-01") + days * day)),
  months: fc.constantFrom(1, 3, 24),
  faults: fc.constantFrom(0, 2, 40),
  files: fc.boolean(),
  days: fc.integer({ min: 1, max: 40 }),
});

test("full load = full load of an earlier day + the days after it", { timeout: 240_000 }, () => {
  fc.assert(
    fc.property(shops, ({ days, ...options }) => {
      let plan = shopPlan(options);
      const tables = fullTables(plan);
      for (let index = 0; index < days; index++) plan = nextDayOver(tables, plan);
      expect(sorted(tables)).toEqual(sorted(fullTables(plan)));
    }),
    { numRuns: 15 },
  );
});

test("a day writes less than the shop, and its rows were written on that day", () => {
  const plan = shopPlan({ until: "2026-06-29", scale: 0.01 });
  const tables = fullTables(plan);
  const before = new Map([...tables].map(([name, rows]) => [name, new Map(rows)]));
  nextDayOver(tables, plan);
  for (const [name, rows] of tables) {
    const written = [...rows].filter(([key, row]) => before.get(name)?.get(key) !== row);
    expect(written.length, name).toBeGreaterThan(0);
    expect(written.length, name).toBeLessThan(rows.size / (name === "marketing_campaigns" ? 5 : 40));
  }
});

const postgres = await testPostgres();

describe.skipIf(postgres === undefined)("in PostgreSQL", () => {
  const pg = postgres as TestPostgres;
  beforeAll(() => pg.client.query("SET TimeZone = 'UTC'"));
  afterAll(() => pg.stop());

  const content = async () => {
    const texts: Record<string, unknown> = {};
    for (const name of tableNames)
      texts[name] = (await pg.client.query(`SELECT t::text FROM ${name} t ORDER BY 1`)).rows;
    return texts;
  };
  const drop = () => pg.client.query(`DROP TABLE IF EXISTS ${tableNames.join(", ")}`);

  it.each([
    { seed: 3, faults: 0, scale: 0.002, until: "2025-12-19", days: 12 },
    { seed: 4, faults: 30, scale: 0.002, until: "2026-02-26", days: 6 },
    { seed: 5, faults: 2, scale: 0.0001, until: "2024-02-28", days: 3, months: 1 },
  ])("$days days on from $until with $faults faults", async ({ days, ...options }) => {
    const plan = shopPlan(options);
    await drop();
    await loadPostgres(pg.url, plan);
    let last = plan.until;
    for (let index = 0; index < days; index++) {
      last = nextDay({ until: last });
      expect(await bringPostgresOn(pg.url, last)).toBeDefined();
    }
    const daily = await content();
    await drop();
    await loadPostgres(pg.url, planThrough(plan, last));
    expect(await content()).toEqual(daily);
  });

  it("does nothing for a day that is there, and takes no day but the next", async () => {
    await drop();
    await expect(bringPostgresOn(pg.url, "2026-06-30")).rejects.toThrow("there is no shop yet");
    await loadPostgres(pg.url, shopPlan({ until: "2026-06-29", scale: 0.0001 }));
    const before = await content();
    expect(await bringPostgresOn(pg.url, "2026-06-29")).toBeUndefined();
    expect(await bringPostgresOn(pg.url, "2020-01-01")).toBeUndefined();
    await expect(bringPostgresOn(pg.url, "2026-07-01")).rejects.toMatchObject({
      message: "the shop goes through 2026-06-29: 2026-07-01 is not its next day",
      details: { allowed: "--day 2026-06-30" },
    });
    expect(await content()).toEqual(before);
  });

  it("brings a shop on once when two ask at the same time", async () => {
    await drop();
    const plan = shopPlan({ until: "2026-06-29", scale: 0.001 });
    await loadPostgres(pg.url, plan);
    const done = await Promise.all([1, 2, 3].map(() => bringPostgresOn(pg.url, "2026-06-30")));
    expect(done.filter((loaded) => loaded !== undefined)).toHaveLength(1);
    const daily = await content();
    await drop();
    await loadPostgres(pg.url, planThrough(plan, "2026-06-30"));
    expect(await content()).toEqual(daily);
  });

  it("loads nothing over a shop or over other tables", async () => {
    const plan = shopPlan({ until: "2026-06-29", scale: 0.0001 });
    await expect(loadPostgres(pg.url, plan)).rejects.toThrow("the database holds a shop already");
    await drop();
    await pg.client.query("CREATE TABLE products (id int); INSERT INTO products VALUES (1)");
    const message = "the database has other tables of these names: products; nothing was changed";
    await expect(loadPostgres(pg.url, plan)).rejects.toThrow(message);
    expect((await pg.client.query("SELECT id FROM products")).rows).toEqual([{ id: 1 }]);
    expect((await pg.client.query("SELECT to_regclass('orders') AS found")).rows).toEqual([{ found: null }]);
  });

  it("declares every rule in a shop without faults, and an empty shop has its tables", async () => {
    await drop();
    await loadPostgres(pg.url, shopPlan({ until: "2026-06-29", scale: 0.001, faults: 0 }));
    const constraints = await pg.client.query(
      "SELECT contype::text AS kind, count(*)::int AS n FROM pg_constraint WHERE contype IN ('c', 'f', 'p', 'u') AND convalidated AND conrelid::regclass::text = ANY($1) GROUP BY 1 ORDER BY 1",
      [tableNames],
    );
    expect(constraints.rows).toEqual([
      { kind: "c", n: 17 },
      { kind: "f", n: 6 },
      { kind: "p", n: 6 },
      { kind: "u", n: 2 },
    ]);
    await drop();
    const { rows } = await loadPostgres(pg.url, shopPlan({ until: "2026-06-29", scale: 0 }));
    expect(rows).toEqual(Object.fromEntries(tableNames.map((name) => [name, 0])));
    expect(await bringPostgresOn(pg.url, "2026-06-30")).toEqual({ rows });
  });
});
