/** The forecast models of the commerce template in a project of their own, which reads daily sales from CSV files. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const template = resolve(import.meta.dirname, "../../../templates/commerce");

const files: Readonly<Record<string, string>> = {
  "shoplake.config.ts": `import { defineProject, files } from "shoplake";
export default defineProject({
  name: "forecast", currency: "EUR",
  sources: { feed: files({ path: "inbox/*.csv", format: "csv", table: "sales" }) },
});`,
  "models/gold/fact_daily_sales.sql": `/*
description: Daily sales as they were delivered.
key: [sales_date, category, currency]
columns:
  sales_date: { type: Date }
  category: { type: String }
  currency: { type: String }
  total_revenue: { type: "Decimal(38, 2)" }
  total_items_sold: { type: UInt64 }
*/
SELECT sales_date, category, currency, total_revenue, total_items_sold FROM bronze.feed_sales`,
};

/** What the bronze dataset of the project holds. */
export const bronze = {
  "bronze.feed_sales": ["sales_date", "category", "currency", "total_revenue", "total_items_sold"].map(
    (name) => ({ name, type: "Nullable(String)" }),
  ),
};

/** In the order in which they build on one another. */
export const forecastModels = [
  "gold.forecast_series",
  "gold.forecast_fits",
  "gold.forecast_backtest",
  "gold.forecast",
];

/** A folder with the project; `remove` deletes it. */
export function forecastFolder(): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "shoplake-forecast-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  for (const folder of ["models/gold", "tests", "checks"])
    for (const name of readdirSync(join(template, folder)).filter((each) => each.startsWith("forecast")))
      cpSync(join(template, folder, name), join(dir, folder, name), { recursive: true });
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
