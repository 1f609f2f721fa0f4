/** A project small enough to read: two files of orders, a silver and two gold models, a rule that rejects, a check that warns. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const smallShop: Readonly<Record<string, string>> = {
  "shoplake.config.ts": `import { defineProject, files } from "shoplake";
export default defineProject({
  name: "small-shop",
  timezone: "Europe/Berlin",
  currency: "EUR",
  engine: { memoryBytes: 1_000_000_000, threads: 2, slots: 4 },
  sources: { feed: files({ path: "inbox/*.csv", format: "csv", table: "orders", key: "order_id" }) },
});
`,
  "inbox/2026-01-01.csv": `order_id,customer,total,ordered_at
1,ann,10.50,2026-01-01 10:00:00
2,bob,-3.00,2026-01-01 11:00:00
3,cid,7.25,2026-01-01 12:00:00
`,
  "inbox/2026-01-02.csv": `order_id,customer,total,ordered_at
4,ann,99.90,2026-01-02 09:00:00
5,,5.00,2026-01-02 10:00:00
6,dan,not a number,2026-01-02 11:00:00
`,
  "models/silver/orders.sql": `/*
description: One row per order.
key: order_id
columns:
  order_id: { type: UInt64, description: "the shop's number" }
  customer: { checks: [{ regex: { pattern: "^[a-z]+$", severity: warn } }] }
  total: { type: "Decimal(18, 2)" }
  ordered_at: { type: DateTime }
reject:
  negative_total: total < 0
checks: [{ row_count: { min: 1 } }]
*/
SELECT order_id, customer, total, ordered_at FROM bronze.feed_orders
`,
  "models/gold/daily_sales.sql": `/*
description: Revenue per day.
key: day
columns: { day: { description: "day of the order" } }
*/
SELECT toDate(ordered_at) AS day, count() AS orders, sum(total) AS revenue
FROM silver.orders GROUP BY day
`,
  "queries/kpi/revenue.sql": `/*
description: Revenue from a day on.
parameters: { since: "1970-01-01" }
*/
SELECT sum(revenue) AS revenue, sum(orders) AS orders FROM gold.daily_sales WHERE day >= {since:Date}
`,
  "tests/daily_sales.yaml": `name: adds_up_per_day
model: gold.daily_sales
given:
  silver.orders:
    - { order_id: 1, customer: ann, total: 1.50, ordered_at: "2026-01-01 10:00:00" }
    - { order_id: 2, customer: bob, total: 2.50, ordered_at: "2026-01-01 11:00:00" }
expect:
  - { day: "2026-01-01", orders: 2, revenue: 4.00 }
`,
};

/** Writes the project, with files changed or added (undefined: left out); gives its folder and how to remove it. */
export function writeSmallShop(changes: Readonly<Record<string, string | undefined>> = {}): {
  readonly dir: string;
  remove(): void;
} {
  const dir = mkdtempSync(join(tmpdir(), "shoplake-small-"));
  for (const [name, text] of Object.entries({ ...smallShop, ...changes })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
