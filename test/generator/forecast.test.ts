/** The forecast models of the commerce template: what they promise, and what statsmodels computes from the same series. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runUnitTests } from "../../src/analysis/unit-tests.ts";
import { hasService } from "../lake/services.ts";
import { airPassengers } from "./forecast/air-passengers.ts";
import { expectClose } from "./forecast/close.ts";
import { addDays, daily, type Forecaster, monthly, noise, openForecaster } from "./forecast/forecaster.ts";
import { bronze } from "./forecast/project.ts";
import { backtest, fits, forecasts } from "./forecast/results.ts";
import { expectSameAsStatsmodels } from "./forecast/statsmodels.ts";

let forecaster: Forecaster;
beforeAll(async () => {
  forecaster = await openForecaster();
});
afterAll(() => forecaster?.stop());

it("the unit tests of the models pass", async () => {
  const results = [];
  for await (const result of runUnitTests(forecaster.project, forecaster.engine, { bronze }))
    results.push(result);
  expect(results.map(({ name, status }) => [name, status])).toEqual(
    results.map(({ name }) => [name, "pass"]),
  );
  expect(new Set(results.map(({ model }) => model)).size).toBe(4);
});

describe("any series", () => {
  const series = fc.record({
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    length: fc.integer({ min: 1, max: 200 }),
    /** Days of a week that stand out. */
    week: fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 7, maxLength: 7 }),
    slope: fc.integer({ min: -5, max: 5 }),
  });
  type Series = typeof series extends fc.Arbitrary<infer T> ? T : never;
  const valuesOf = ({ seed, length, week, slope }: Series) =>
    noise(seed, length).map((value, i) => value + (week[i % 7] ?? 0) + slope * i);

  it("moved or multiplied, has a forecast that is moved or multiplied", async () => {
    const changes = [
      { name: "moved", value: (x: number) => x + 700, margin: (x: number) => x },
      { name: "multiplied", value: (x: number) => x * 20, margin: (x: number) => x * 20 },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(series, { minLength: 4, maxLength: 8 }), async (many) => {
        const sales = many.map((one, i) => [
          ...daily(`${i}`, valuesOf(one)),
          ...changes.flatMap(({ name, value }) => daily(`${i} ${name}`, valuesOf(one).map(value))),
        ]);
        await forecaster.forecast(sales.flat());
        const all = await fits(forecaster.engine);
        const found = new Map(all.map((fit) => [`${fit.category} ${fit.method} ${fit.origin}`, fit]));
        for (const fit of all.filter(({ category }) => !category.includes(" ")))
          for (const { name, value, margin } of changes) {
            const changed = found.get(`${fit.category} ${name} ${fit.method} ${fit.origin}`);
            expectClose(changed?.value ?? [], fit.value.map(value), 1e-5);
            expectClose(changed?.margin ?? [], fit.margin.map(margin), 1e-5);
          }
      }),
      { numRuns: 3, seed: 11, endOnFailure: true },
    );
  }, 120_000);

  it("of a week or more has 28 days of forecast, with sane measures; the better method is published", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(series, { minLength: 8, maxLength: 20 }), async (many) => {
        await forecaster.forecast(many.flatMap((one, i) => daily(`${i}`, valuesOf(one))));
        const published = await forecasts(forecaster.engine);
        const measured = await backtest(forecaster.engine);
        for (const [i, { length }] of many.entries()) {
          const own = published.filter(({ category }) => category === `${i}`);
          expect(own.map(({ period }) => period)).toEqual(
            length < 7 ? [] : Array.from({ length: 28 }, (_, step) => addDays("2025-06-30", step + 1)),
          );
          for (const { lower, value, upper } of own)
            if (length > 7) expect((lower as number) <= value && value <= (upper as number)).toBe(true);
          const methods = measured.filter(({ category }) => category === `${i}`);
          const [winters, naive] = methods.length === 2 ? methods : [undefined, methods[0]];
          expect(methods.length).toBe(length < 7 ? 0 : length < 91 ? 1 : 2);
          for (const { folds, wape, mase, coverage } of methods) {
            expect(folds === 0 || (folds >= 8 && folds <= 26)).toBe(true);
            if (folds === 0) expect([wape, mase, coverage]).toEqual([null, null, null]);
            else {
              expect(wape).toBeGreaterThanOrEqual(0);
              expect(mase).toBeGreaterThanOrEqual(0);
              expect(coverage).toBeGreaterThanOrEqual(0);
              expect(coverage).toBeLessThanOrEqual(1);
            }
          }
          const better = winters !== undefined && (winters.wape ?? 1) < (naive?.wape ?? 0);
          for (const { method, wape, naive_wape } of own) {
            expect(method).toBe(better ? "holt_winters" : "seasonal_naive");
            expect([wape, naive_wape]).toEqual([(better ? winters : naive)?.wape, naive?.wape]);
          }
        }
      }),
      { numRuns: 3, seed: 12, endOnFailure: true },
    );
  }, 120_000);

  it("is forecast at an earlier origin as it was forecast then", async () => {
    const sales = [1, 2, 3, 4].flatMap((seed) => daily(`${seed}`, noise(seed, 140 + 9 * seed)));
    const then = "2025-06-02";
    await forecaster.forecast(sales);
    const later = (await fits(forecaster.engine)).filter(({ origin }) => origin === then);
    await forecaster.forecast(sales, { today: addDays(then, 1) });
    const earlier = (await fits(forecaster.engine)).filter(({ origin }) => origin === then);
    expect(earlier.length).toBe(8);
    expect(later.map((fit) => ({ ...fit, actual: [] }))).toEqual(earlier);
    expect(later[0]?.actual).toEqual(noise(1, 149).slice(-28));
  });
});

it("a constant, a repeated week, nothing at all and a line with a season go on as they are", async () => {
  const week = [5, 0, 3.25, 0, 1, 2, 7];
  const lined = Array.from({ length: 133 }, (_, i) => 50 + 3 * i + 10 * (week[i % 7] ?? 0));
  await forecaster.forecast([
    ...daily("constant", Array(100).fill(12.34)),
    ...daily("week", Array(20).fill(week).flat()),
    ...daily("line", lined),
    ...daily("nothing", Array(100).fill(0)),
  ]);
  const days = await forecasts(forecaster.engine);
  const of = (category: string) => days.filter((day) => day.category === category);
  expect(new Set(of("constant").map(({ value, lower, upper }) => `${lower} ${value} ${upper}`))).toEqual(
    new Set(["12.34 12.34 12.34"]),
  );
  expect(of("week").map(({ value }) => value)).toEqual(Array(4).fill(week).flat());
  expect(of("nothing").map(({ value, wape, coverage }) => [value, wape, coverage])).toEqual(
    Array(28).fill([0, null, 1]),
  );
  expect(of("line").map(({ value, method }) => [value, method])).toEqual(
    Array.from({ length: 28 }, (_, i) => [50 + 3 * (133 + i) + 10 * (week[i % 7] ?? 0), "holt_winters"]),
  );
  const winters = (await fits(forecaster.engine)).filter(
    ({ method, actual }) => method === "holt_winters" && actual.length === 0,
  );
  for (const { category, value } of winters)
    if (category === "week") expectClose(value, Array(4).fill(week).flat(), 1e-9);
});

it("a repeated year goes on; months are whole ones, after the first and before the last day", async () => {
  const year = [9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100];
  const sales = monthly("a", Array(4).fill(year).flat());
  await forecaster.forecast(sales);
  expect((await forecasts(forecaster.engine, "month")).map(({ period, value }) => [period, value])).toEqual([
    ["2014-01-01", 9],
    ["2014-02-01", 1],
    ["2014-03-01", 2],
  ]);
  const missing = sales.filter(
    ({ sales_date }) => sales_date !== "2010-01-01" && sales_date !== "2013-12-31",
  );
  await forecaster.forecast([...missing, { ...(sales[0] as (typeof sales)[0]), sales_date: "2010-01-02" }]);
  const [range] = await forecaster.engine.rows(
    "SELECT min(period) AS first, max(period) AS last, count() AS months FROM gold.forecast_series WHERE granularity = 'month' AND measure = 'units' AND scope = 'total'",
  );
  expect(range).toEqual({ first: "2010-02-01", last: "2013-11-01", months: "46" });
});

it("without sales there is nothing to forecast; currencies are apart and categories add up", async () => {
  await forecaster.forecast([]);
  expect([
    await fits(forecaster.engine),
    await backtest(forecaster.engine),
    await forecasts(forecaster.engine),
  ]).toEqual([[], [], []]);
  const dollars = daily("", [1, 2, 3]).map((sale) => ({ ...sale, currency: "USD" }));
  await forecaster.forecast([...daily("", [10, 20]), ...daily("b", [5]), ...dollars]);
  const totals = await forecaster.engine.rows(
    "SELECT currency, groupArray(value) AS value FROM (SELECT * FROM gold.forecast_series WHERE scope = 'total' AND measure = 'revenue' AND granularity = 'day' ORDER BY period) GROUP BY currency ORDER BY currency",
  );
  expect(totals).toEqual([
    { currency: "EUR", value: ["10", "25"] },
    { currency: "USD", value: ["1", "2", "3"] },
  ]);
});

it("ten categories over two years and a half take less than 100 MB", async () => {
  const categories = Array.from({ length: 10 }, (_, i) => daily(`${i}`, noise(i, 900)));
  await forecaster.forecast(categories.flat(), { limit: 100_000_000 });
  const [count] = await forecaster.engine.rows("SELECT count() AS rows FROM gold.forecast");
  expect(count).toEqual({ rows: String(11 * 2 * (28 + 3)) });
});

const hasReference = hasService("readers");
describe.skipIf(!hasReference)("statsmodels", () => {
  it("computes the same forecasts, errors, variances and measures of the air passengers and of a shop's days", async () => {
    const year = airPassengers.slice(-120);
    const shop = noise(5, 200).map((value, i) => value + 400 * (i % 7) + 3 * i);
    await forecaster.forecast(monthly("air", airPassengers));
    const air = await expectSameAsStatsmodels(forecaster.engine, "month", {
      y: year,
      season: 12,
      horizon: 3,
    });
    expect(air.map(({ folds, method }) => [folds, method])).toEqual([
      [12, "holt_winters"],
      [12, "seasonal_naive"],
    ]);
    await forecaster.forecast(daily("shop", shop));
    await expectSameAsStatsmodels(forecaster.engine, "day", { y: shop, season: 7, horizon: 28 });
  }, 120_000);
});

const retail = resolve(import.meta.dirname, "../../../shared/data/online_retail/by-day");
if (!existsSync(retail) && process.env["CI"] === "true")
  throw new Error(`the test data is missing: ${retail}`);
it.skipIf(!existsSync(retail))(
  "Online Retail: Holt-Winters beats seasonal naive on a real shop's days",
  async () => {
    await forecaster.forecastFrom(`SELECT toDate(InvoiceDate), 'all', 'GBP', sum(toDecimal128(UnitPrice, 3) * Quantity), sum(Quantity)
    FROM file('${retail}/*.csv.gz', 'CSVWithNames', 'InvoiceDate DateTime, Quantity Int32, UnitPrice String')
    WHERE Quantity > 0 AND toDecimal128(UnitPrice, 3) > 0 GROUP BY ALL`);
    const measured = await backtest(forecaster.engine);
    expect(measured.map(({ method, folds, is_published }) => [method, folds, is_published])).toEqual([
      ["holt_winters", 26, 1],
      ["seasonal_naive", 26, 0],
    ]);
    expect(measured.map(({ wape, coverage }) => [wape?.toFixed(2), coverage?.toFixed(2)])).toEqual([
      ["0.37", "0.88"],
      ["0.40", "0.90"],
    ]);
    expect(
      (await forecasts(forecaster.engine, "month")).map(({ period, method, wape }) => [period, method, wape]),
    ).toEqual([
      ["2011-12-01", "seasonal_naive", null],
      ["2012-01-01", "seasonal_naive", null],
      ["2012-02-01", "seasonal_naive", null],
    ]);
  },
);
