/** The forecast models of the commerce template: what they promise, and what statsmodels computes from the same series. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runUnitTests } from "../../src/project/unit-tests.ts";
import { hasService, servicePath } from "../lake/services.ts";
import { airPassengers } from "./forecast/air-passengers.ts";
import { addDays, daily, type Forecaster, monthly, noise, openForecaster } from "./forecast/forecaster.ts";
import { bronze } from "./forecast/project.ts";

let forecaster: Forecaster;
beforeAll(async () => {
  forecaster = await openForecaster();
});
afterAll(() => forecaster?.stop());

interface Fit {
  readonly granularity: "day" | "month";
  readonly category: string;
  readonly method: "seasonal_naive" | "holt_winters";
  readonly origin: string;
  readonly known_periods: number;
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly phi: number;
  readonly sigma: number | null;
  readonly scale: number | null;
  readonly actual: readonly number[];
  readonly value: readonly number[];
  readonly margin: readonly number[];
}
interface Measured {
  readonly category: string;
  readonly method: Fit["method"];
  readonly folds: number;
  readonly wape: number | null;
  readonly mase: number | null;
  readonly bias: number | null;
  readonly coverage: number | null;
  readonly naive_wape: number | null;
  readonly is_published: number;
}
interface Forecast extends Measured {
  readonly granularity: Fit["granularity"];
  readonly period: string;
  readonly value: number;
  readonly lower: number | null;
  readonly upper: number | null;
}

/** Of single categories and revenue, as numbers, in order. */
const rows = <T>(dataset: string, granularity: Fit["granularity"]) =>
  forecaster.engine.rows<T>(
    `SELECT * FROM gold.${dataset} WHERE measure = 'revenue' AND scope = 'category' AND granularity = {granularity:String} ORDER BY ALL`,
    {
      params: { granularity },
      settings: { output_format_json_quote_decimals: 0, output_format_json_quote_64bit_integers: 0 },
    },
  );
const fits = (granularity: Fit["granularity"] = "day") => rows<Fit>("forecast_fits", granularity);
const backtest = (granularity: Fit["granularity"] = "day") =>
  rows<Measured>("forecast_backtest", granularity);
const forecasts = (granularity: Fit["granularity"] = "day") => rows<Forecast>("forecast", granularity);

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of actual.entries())
    expect(Math.abs(value - (expected[i] ?? Number.NaN))).toBeLessThanOrEqual(tolerance);
}

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
  const values = ({
    seed,
    length,
    week,
    slope,
  }: {
    seed: number;
    length: number;
    week: number[];
    slope: number;
  }) => noise(seed, length).map((value, i) => value + (week[i % 7] ?? 0) + slope * i);

  it("moved or multiplied, has a forecast that is moved or multiplied", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(series, { minLength: 4, maxLength: 8 }), async (many) => {
        const [by, times] = [700, 20];
        await forecaster.forecast(
          many.flatMap((one, i) => [
            ...daily(`${i}`, values(one)),
            ...daily(
              `${i} moved`,
              values(one).map((value) => value + by),
            ),
            ...daily(
              `${i} multiplied`,
              values(one).map((value) => value * times),
            ),
          ]),
        );
        const found = new Map(
          (await fits()).map((fit) => [`${fit.category} ${fit.method} ${fit.origin}`, fit]),
        );
        for (const fit of found.values()) {
          if (fit.category.includes(" ")) continue;
          const moved = found.get(`${fit.category} moved ${fit.method} ${fit.origin}`);
          const multiplied = found.get(`${fit.category} multiplied ${fit.method} ${fit.origin}`);
          expectClose(
            moved?.value ?? [],
            fit.value.map((value) => value + by),
            1e-6,
          );
          expectClose(moved?.margin ?? [], fit.margin, 1e-6);
          expectClose(
            multiplied?.value ?? [],
            fit.value.map((value) => value * times),
            1e-5,
          );
          expectClose(
            multiplied?.margin ?? [],
            fit.margin.map((value) => value * times),
            1e-5,
          );
        }
      }),
      { numRuns: 3, seed: 11 },
    );
  }, 120_000);

  it("of a week or more has 28 days of forecast, with sane measures; the better method is published", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(series, { minLength: 8, maxLength: 20 }), async (many) => {
        await forecaster.forecast(many.flatMap((one, i) => daily(`${i}`, values(one))));
        const published = await forecasts();
        const measured = await backtest();
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
      { numRuns: 3, seed: 12 },
    );
  }, 120_000);

  it("is forecast at an earlier origin as it was forecast then", async () => {
    const sales = [1, 2, 3, 4].flatMap((seed) => daily(`${seed}`, noise(seed, 140 + 9 * seed)));
    const then = "2025-06-02";
    await forecaster.forecast(sales);
    const later = (await fits()).filter(({ origin }) => origin === then);
    await forecaster.forecast(sales, { today: addDays(then, 1) });
    const earlier = (await fits()).filter(({ origin }) => origin === then);
    expect(earlier.length).toBe(8);
    expect(later.map((fit) => ({ ...fit, actual: [] }))).toEqual(earlier);
    expect(later[0]?.actual).toEqual(noise(1, 149).slice(-28));
  });
});

it("a constant, a repeated week, a repeated year and a line with a season go on as they are", async () => {
  const week = [5, 0, 3.25, 0, 1, 2, 7];
  const year = [9, 1, 2, -3, 4, 5, 6, 7, 8, 9, 10, 100];
  const lined = Array.from({ length: 133 }, (_, i) => 50 + 3 * i + 10 * (week[i % 7] ?? 0));
  await forecaster.forecast([
    ...daily("constant", Array(100).fill(12.34)),
    ...daily("week", Array(20).fill(week).flat()),
    ...daily("line", lined),
    ...daily("nothing", Array(100).fill(0)),
    ...monthly("year", Array(4).fill(year).flat()).filter(({ total_revenue }) => total_revenue !== 0),
    // The last day of all, so that all series end in one place.
    ...daily("constant of months", [1]),
  ]);
  const days = await forecasts();
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
  const winters = (await fits()).filter(
    ({ method, actual }) => method === "holt_winters" && actual.length === 0,
  );
  for (const { category, value } of winters)
    if (category === "week") expectClose(value, Array(4).fill(week).flat(), 1e-9);
});

it("months are whole ones, after the first and before the last day", async () => {
  const year = [9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100];
  const sales = monthly("a", Array(4).fill(year).flat());
  await forecaster.forecast(sales);
  expect((await forecasts("month")).map(({ period, value }) => [period, value])).toEqual([
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
  expect([await fits(), await backtest(), await forecasts()]).toEqual([[], [], []]);
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
    const air = await withReference("month", { y: year, season: 12, horizon: 3 });
    expect(air.map(({ folds, method }) => [folds, method])).toEqual([
      [12, "holt_winters"],
      [12, "seasonal_naive"],
    ]);
    await forecaster.forecast(daily("shop", shop));
    await withReference("day", { y: shop, season: 7, horizon: 28 });
  }, 120_000);
});

interface Answer {
  readonly fits: readonly { readonly value: number[]; readonly sse: number; readonly variance: number[] }[];
  readonly least: number;
  readonly holt_winters: Record<"wape" | "mase" | "bias", number>;
  readonly seasonal_naive: Record<"wape" | "mase" | "bias", number>;
}

/** Compares the fits of the one series that was forecast with those of statsmodels; the measures that were compared. */
async function withReference(
  granularity: Fit["granularity"],
  series: { readonly y: readonly number[]; readonly season: number; readonly horizon: number },
): Promise<readonly Measured[]> {
  const ours = (await fits(granularity)).filter(({ method }) => method === "holt_winters");
  const asked = ours.map(({ known_periods: known, alpha, beta, gamma, phi }) => ({
    known,
    parameters: [alpha, beta, gamma, phi],
  }));
  const [answer] = await statsmodels<Answer>([{ ...series, fits: asked }]);
  for (const [i, { known_periods, value, sigma, margin, actual }] of ours.entries()) {
    const theirs = answer?.fits[i];
    expectClose(value, theirs?.value ?? [], 1e-8);
    expect(sigma).toBeCloseTo(Math.sqrt((theirs?.sse ?? 0) / (known_periods - series.season - 5)), 8);
    expectClose(
      margin,
      (theirs?.variance ?? []).map((each) => 1.2816 * (sigma ?? 0) * Math.sqrt(each)),
      1e-8,
    );
    if (actual.length === 0) expect(theirs?.sse).toBeCloseTo(answer?.least ?? 0, 4);
  }
  const measured = await backtest(granularity);
  for (const { method, wape, mase, bias } of measured) {
    const theirs = answer?.[method];
    expectClose(
      [wape ?? 0, mase ?? 0, bias ?? 0],
      [theirs?.wape ?? 1, theirs?.mase ?? 1, theirs?.bias ?? 1],
      1e-6,
    );
  }
  return measured;
}

function statsmodels<T>(series: readonly object[]): Promise<T[]> {
  const script = resolve(import.meta.dirname, "forecast/reference.py");
  return new Promise((done, fail) => {
    const child = execFile(servicePath("python"), [script], { timeout: 100_000 }, (error, out) =>
      error ? fail(error) : done(JSON.parse(out)),
    );
    child.stdin?.end(JSON.stringify(series));
  });
}

const retail = resolve(import.meta.dirname, "../../../shared/data/online_retail/by-day");
if (!existsSync(retail) && process.env["CI"] === "true")
  throw new Error(`the test data is missing: ${retail}`);
it.skipIf(!existsSync(retail))(
  "Online Retail: Holt-Winters beats seasonal naive on a real shop's days",
  async () => {
    await forecaster.forecastFrom(`SELECT toDate(InvoiceDate), 'all', 'GBP', sum(toDecimal128(UnitPrice, 3) * Quantity), sum(Quantity)
    FROM file('${retail}/*.csv.gz', 'CSVWithNames', 'InvoiceDate DateTime, Quantity Int32, UnitPrice String')
    WHERE Quantity > 0 AND toDecimal128(UnitPrice, 3) > 0 GROUP BY ALL`);
    const measured = await backtest();
    expect(measured.map(({ method, folds, is_published }) => [method, folds, is_published])).toEqual([
      ["holt_winters", 26, 1],
      ["seasonal_naive", 26, 0],
    ]);
    expect(measured.map(({ wape, coverage }) => [wape?.toFixed(2), coverage?.toFixed(2)])).toEqual([
      ["0.37", "0.88"],
      ["0.40", "0.90"],
    ]);
    expect((await forecasts("month")).map(({ period, method, wape }) => [period, method, wape])).toEqual([
      ["2011-12-01", "seasonal_naive", null],
      ["2012-01-01", "seasonal_naive", null],
      ["2012-02-01", "seasonal_naive", null],
    ]);
  },
);
