/** Holds what the models computed against statsmodels. */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { expect } from "vitest";
import type { Engine } from "../../../src/engine/engine.ts";
import { servicePath } from "../../lake/services.ts";
import { expectClose } from "./close.ts";
import { backtest, type Fit, fits, type Measured } from "./results.ts";

interface Answer {
  readonly fits: readonly { readonly value: number[]; readonly sse: number; readonly variance: number[] }[];
  readonly least: number;
  readonly holt_winters: Record<"wape" | "mase" | "bias", number>;
  readonly seasonal_naive: Record<"wape" | "mase" | "bias", number>;
}

/** Compares the fits of the one series that was forecast with those of statsmodels; the measures that were compared. */
export async function expectSameAsStatsmodels(
  engine: Engine,
  granularity: Fit["granularity"],
  series: { readonly y: readonly number[]; readonly season: number; readonly horizon: number },
): Promise<readonly Measured[]> {
  const ours = (await fits(engine, granularity)).filter(({ method }) => method === "holt_winters");
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
  const measured = await backtest(engine, granularity);
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
  const script = resolve(import.meta.dirname, "reference.py");
  return new Promise((done, fail) => {
    const child = execFile(servicePath("python"), [script], { timeout: 100_000 }, (error, out) =>
      error ? fail(error) : done(JSON.parse(out)),
    );
    child.stdin?.end(JSON.stringify(series));
  });
}
