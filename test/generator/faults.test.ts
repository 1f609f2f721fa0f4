/** Bad rows are exactly those that are said to be bad, of their kind only, as SQL finds them in PostgreSQL. */
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { faultKinds } from "../../src/generator/fault-kinds.ts";
import { badRows, countFaults } from "../../src/generator/fault-list.ts";
import { planThrough, shopPlan } from "../../src/generator/plan.ts";
import { bringPostgresOn } from "../../src/generator/postgres/bring-on.ts";
import { loadPostgres } from "../../src/generator/postgres/load.ts";
import { nextDay } from "../../src/generator/record.ts";
import { simulate } from "../../src/generator/simulate.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";

test("of 1,000 rows as many as asked for have each kind of fault", () => {
  const simulation = simulate(shopPlan({ until: "2026-06-30", scale: 0.05, faults: 4, files: true }));
  const counts = countFaults(simulation);
  const rows: Record<string, number> = {};
  const count = (table: string) => {
    rows[table] = (rows[table] ?? 0) + 1;
  };
  for (const _ of badRows(simulation, count));
  for (const [table, kinds] of Object.entries(faultKinds))
    for (const kind of kinds) {
      const wanted = (4 * (rows[table] ?? 0)) / 1000;
      const found = counts[`${table}.${kind}`] ?? 0;
      expect(Math.abs(found - wanted), `${table}.${kind}: ${found}`).toBeLessThanOrEqual(1 + wanted * 0.1);
    }
});

test("a small shop has every kind too, and a shop without faults has none", () => {
  const counts = countFaults(simulate(shopPlan({ until: "2026-06-30", scale: 0.01, files: true })));
  const kinds = Object.entries(faultKinds).flatMap(([table, list]) => list.map((kind) => `${table}.${kind}`));
  expect(Object.keys(counts).sort()).toEqual(kinds.sort());
  expect(countFaults(simulate(shopPlan({ until: "2026-06-30", scale: 0.01, faults: 0 })))).toEqual({});
});

const postgres = await testPostgres();

describe.skipIf(postgres === undefined)("in PostgreSQL", () => {
  const pg = postgres as TestPostgres;
  let plan = shopPlan({ until: "2026-06-20", scale: 0.01, faults: 20, seed: 6 });
  beforeAll(async () => {
    await pg.client.query("SET TimeZone = 'UTC'");
    await loadPostgres(pg.url, plan);
  });
  afterAll(() => pg.stop());

  const conditions: Readonly<Record<string, string>> = {
    "customers.duplicate_email":
      "EXISTS (SELECT FROM customers e WHERE e.customer_id < t.customer_id AND lower(trim(e.email)) = lower(trim(t.email)))",
    "customers.invalid_email": "trim(email) !~ '^[^@ ]+@[^@ ]+[.][^@ ]+$'",
    "customers.future_registration": "registration_date > now_of_shop",
    "products.price_below_cost": "price < cost",
    "marketing_campaigns.clicks_above_impressions": "clicks > impressions",
    "marketing_campaigns.conversions_above_clicks": "conversions > clicks",
    "marketing_campaigns.ends_before_start": "end_date < start_date",
    "marketing_campaigns.wrong_roi": "roi <> round((revenue_generated - budget) / budget * 100, 2)",
    "orders.negative_total": "total_amount < 0",
    "orders.fulfilled_too_early": "fulfillment_date < order_date",
    "orders.cancelled_but_fulfilled": "order_status = 'Cancelled' AND fulfillment_date IS NOT NULL",
    "orders.future_order_date": "order_date > now_of_shop",
    "orders.unknown_customer": "NOT EXISTS (SELECT FROM customers c WHERE c.customer_id = t.customer_id)",
    "order_items.unknown_order": "NOT EXISTS (SELECT FROM orders o WHERE o.order_id = t.order_id)",
    "order_items.unknown_product": "NOT EXISTS (SELECT FROM products p WHERE p.product_id = t.product_id)",
    "order_items.wrong_line_total":
      "line_total <> round(unit_price * quantity * (100 - discount_percentage) / 100, 2)",
    "order_items.negative_quantity": "quantity <= 0",
    "inventory_transactions.wrong_sign":
      "transaction_type = 'IN' AND quantity < 0 OR transaction_type = 'OUT' AND quantity > 0",
    "inventory_transactions.unknown_product":
      "NOT EXISTS (SELECT FROM products p WHERE p.product_id = t.product_id)",
  };
  const keys: Readonly<Record<string, string>> = {
    customers: "customer_id",
    products: "product_id",
    marketing_campaigns: "campaign_id",
    orders: "order_id",
    order_items: "order_item_id",
    inventory_transactions: "transaction_id",
  };

  async function foundBySql(): Promise<string[]> {
    const found: string[] = [];
    for (const [kind, condition] of Object.entries(conditions)) {
      const table = kind.split(".", 1)[0] ?? "";
      const sql = `SELECT ${keys[table]}::text AS id FROM ${table} t, (SELECT $1::timestamptz AS now_of_shop) n WHERE ${condition}`;
      const { rows } = await pg.client.query<{ id: string }>(
        condition.includes("now_of_shop")
          ? { text: sql, values: [`${nextDay(plan)}T00:00:00Z`] }
          : sql.replace(/, \(SELECT \$1.*\) n/, ""),
      );
      found.push(...rows.map(({ id }) => `${kind} ${id}`));
    }
    return found.sort();
  }

  it("has the bad rows that it is said to have, in their first version and in every later one", async () => {
    const allKinds = new Set<string>();
    for (let days = 0; days < 8; days++) {
      if (days > 0) {
        plan = planThrough(plan, nextDay(plan));
        await bringPostgresOn(pg.url, plan.until);
      }
      const said = [...badRows(simulate(plan))].map(({ table, fault, id }) => `${table}.${fault} ${id}`);
      expect(await foundBySql()).toEqual(said.sort());
      for (const each of said) allKinds.add(each.split(" ", 1)[0] ?? "");
    }
    expect([...allKinds].sort()).toEqual(Object.keys(conditions).sort());
  });
});
