/** Runs the forecast models of the commerce template over daily sales, as the plain SELECTs that they are. */

import { resolveProject } from "../../../src/analysis/resolve.ts";
import { loadKinds } from "../../../src/host/kinds.ts";
import { loadProject } from "../../../src/project/load.ts";
import type { Project } from "../../../src/project/project.ts";
import { embeddedForTests, type TestEngine } from "../../engine/harness.ts";
import { bronze, forecastFolder, forecastModels } from "./project.ts";

const kinds = await loadKinds();

export interface Sale {
  /** "2024-01-31" */
  readonly sales_date: string;
  readonly category: string;
  readonly currency: string;
  readonly total_revenue: number;
  readonly total_items_sold: number;
}

export interface Forecaster {
  readonly project: Project;
  readonly engine: TestEngine["engine"];
  /** Replaces the sales and runs all models. `today` default: after every sale. `limit`: bytes of memory for each model. */
  forecast(
    sales: readonly Sale[],
    options?: { readonly today?: string; readonly limit?: number },
  ): Promise<void>;
  /** As `forecast`, with sales that a SELECT yields. */
  forecastFrom(select: string): Promise<void>;
  stop(): Promise<void>;
}

const columns =
  "sales_date Date, category String, currency String, total_revenue Decimal(38, 2), total_items_sold UInt64";

export async function openForecaster(): Promise<Forecaster> {
  const { engine, stop } = await embeddedForTests();
  const folder = forecastFolder();
  const project = await resolveProject(await loadProject(folder.dir, { env: {}, kinds }), engine, bronze);
  await engine.command("CREATE DATABASE gold");

  async function empty(): Promise<void> {
    await engine.command(
      `CREATE OR REPLACE TABLE gold.fact_daily_sales (${columns}) ENGINE = MergeTree ORDER BY sales_date`,
    );
  }

  async function runModels(today = "2100-01-01", limit = 0): Promise<void> {
    for (const dataset of forecastModels) {
      const model = project.models.find((each) => each.dataset === dataset);
      if (model === undefined) throw new Error(`no model ${dataset}`);
      await engine.command(
        `CREATE OR REPLACE TABLE ${dataset} ENGINE = MergeTree ORDER BY (${model.key.join(", ")}) AS ${model.sql}`,
        { params: { today }, settings: { max_memory_usage: limit } },
      );
    }
  }

  return {
    project,
    engine,
    async forecast(sales, { today, limit } = {}) {
      await empty();
      if (sales.length > 0) await engine.insert("gold.fact_daily_sales", sales);
      await runModels(today, limit);
    },
    async forecastFrom(select) {
      await empty();
      await engine.command(`INSERT INTO gold.fact_daily_sales ${select}`);
      await runModels();
    },
    async stop() {
      folder.remove();
      await stop();
    },
  };
}

const dayMs = 86_400_000;

/** The day `days` after an ISO date. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * dayMs).toISOString().slice(0, 10);
}

/** A sale a day, the last one on `last`, of revenue `values` in EUR and one unit each. */
export function daily(category: string, values: readonly number[], last = "2025-06-30"): Sale[] {
  return values.map((total_revenue, i) => ({
    sales_date: addDays(last, i + 1 - values.length),
    category,
    currency: "EUR",
    total_revenue,
    total_items_sold: 1,
  }));
}

/** A sale on the first day of each month from January 2010 on, and one of nothing on the last day of the last month. */
export function monthly(category: string, values: readonly number[]): Sale[] {
  const at = (month: number, day: number) => new Date(Date.UTC(2010, month, day)).toISOString().slice(0, 10);
  const sale = (sales_date: string, total_revenue: number): Sale => ({
    sales_date,
    category,
    currency: "EUR",
    total_revenue,
    total_items_sold: 1,
  });
  return [...values.map((value, i) => sale(at(i, 1), value)), sale(at(values.length, 0), 0)];
}

/** Whole numbers from 0 to 999 that look random, the same for the same seed. */
export function noise(seed: number, length: number): number[] {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % 1000;
  });
}
