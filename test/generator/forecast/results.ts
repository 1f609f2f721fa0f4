/** Rows of the forecast datasets, as numbers. */
import type { Engine } from "../../../src/engine/engine.ts";

export interface Fit {
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
export interface Measured {
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
export interface Forecast extends Measured {
  readonly granularity: Fit["granularity"];
  readonly period: string;
  readonly value: number;
  readonly lower: number | null;
  readonly upper: number | null;
}

type Granularity = Fit["granularity"];

/** Of single categories and revenue, in order. */
function rows<T>(engine: Engine, dataset: string, granularity: Granularity): Promise<T[]> {
  return engine.rows<T>(
    `SELECT * FROM gold.${dataset} WHERE measure = 'revenue' AND scope = 'category' AND granularity = {granularity:String} ORDER BY ALL`,
    {
      params: { granularity },
      settings: { output_format_json_quote_decimals: 0, output_format_json_quote_64bit_integers: 0 },
    },
  );
}

export const fits = (engine: Engine, granularity: Granularity = "day") =>
  rows<Fit>(engine, "forecast_fits", granularity);
export const backtest = (engine: Engine, granularity: Granularity = "day") =>
  rows<Measured>(engine, "forecast_backtest", granularity);
export const forecasts = (engine: Engine, granularity: Granularity = "day") =>
  rows<Forecast>(engine, "forecast", granularity);
