import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { loadShop } from "../../src/generator/load-postgres.ts";
import type { Order, OrderItem } from "../../src/generator/orders.ts";
import { generateShop, type Shop } from "../../src/generator/shop.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";

const until = new Date("2026-06-30T12:00:00Z");
const postgres = await testPostgres();

function rowsOf<Row>(shop: Shop, name: string): Row[] {
  return [...(shop.tables.find((table) => table.name === name)?.rows() ?? [])] as Row[];
}
const cents = (text: string) => Math.round(Number(text) * 100);

test("the same seed gives the same shop, another seed another one", () => {
  const shop = (seed: number) => JSON.stringify(rowsOf(generateShop({ seed, until, orders: 50 }), "orders"));
  expect(shop(7)).toBe(shop(7));
  expect(shop(7)).not.toBe(shop(8));
});

test("a shop without faults fits together to the cent", () => {
  const shop = generateShop({ until, orders: 3000, faults: 0 });
  const items = new Map<number, OrderItem[]>();
  for (const item of rowsOf<OrderItem>(shop, "order_items"))
    items.set(item.order_id, [...(items.get(item.order_id) ?? []), item]);
  for (const order of rowsOf<Order>(shop, "orders")) {
    const lines = items.get(order.order_id) ?? [];
    const sum = (of: (item: OrderItem) => number) => lines.reduce((total, item) => total + of(item), 0);
    const gross = sum((item) => cents(item.unit_price) * item.quantity);
    expect(lines.length).toBeGreaterThan(0);
    expect(gross - cents(order.discount_amount)).toBe(sum((item) => cents(item.line_total)));
    expect(cents(order.tax_amount)).toBe(sum((item) => cents(item.tax_amount)));
    expect(cents(order.total_amount)).toBe(
      gross - cents(order.discount_amount) + cents(order.tax_amount) + cents(order.shipping_cost),
    );
    expect(+order.order_date).toBeLessThan(+until);
    expect(+order.updated_at).toBeGreaterThanOrEqual(+order.order_date);
    expect(+order.updated_at).toBeLessThan(+until);
    if (order.fulfillment_date !== null) expect(+order.fulfillment_date).toBeGreaterThan(+order.order_date);
  }
  expect(shop.faults).toEqual({});
});

test("item numbers never meet, and shares come near the plan's", () => {
  const shop = generateShop({ until, orders: 20_000 });
  const items = rowsOf<OrderItem>(shop, "order_items");
  expect(new Set(items.map((item) => item.order_item_id)).size).toBe(items.length);
  expect(items.length / 20_000).toBeCloseTo(2.33, 1);
  const cancelled = rowsOf<Order>(shop, "orders").filter((order) => order.order_status === "Cancelled");
  expect(cancelled.length / 20_000).toBeCloseTo(0.05, 2);
});

describe.skipIf(postgres === undefined)("in PostgreSQL", () => {
  const pg = postgres as TestPostgres;
  const shop = generateShop({ until, customers: 300, products: 60, orders: 1000 });
  let counts: Readonly<Record<string, number>> | undefined;
  const number = async (sql: string) => Number(Object.values((await pg.client.query(sql)).rows[0] ?? {})[0]);

  beforeAll(async () => {
    counts = await loadShop(pg.url, shop);
  });
  afterAll(() => pg.stop());

  it("loads every row, once", async () => {
    expect(counts).toMatchObject({ customers: 300, products: 60, orders: 1000 });
    expect(await number("SELECT count(*) FROM order_items")).toBe(counts?.["order_items"]);
    expect(await loadShop(pg.url, shop)).toBeUndefined();
  });

  it("holds exactly the faults it says", async () => {
    const found = {
      "customers.duplicate_email": await number(
        "SELECT count(*) - count(DISTINCT lower(trim(email))) FROM customers",
      ),
      "customers.invalid_email": await number("SELECT count(*) FROM customers WHERE email NOT LIKE '%@%'"),
      "customers.future_registration": await number(
        `SELECT count(*) FROM customers WHERE registration_date > '${until.toISOString()}'`,
      ),
      "products.price_below_cost": await number("SELECT count(*) FROM products WHERE price < cost"),
      "orders.negative_total": await number("SELECT count(*) FROM orders WHERE total_amount < 0"),
      "orders.fulfilled_too_early": await number(
        "SELECT count(*) FROM orders WHERE fulfillment_date < order_date",
      ),
      "order_items.orphan": await number(
        "SELECT count(*) FROM order_items i WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.order_id = i.order_id)",
      ),
      "order_items.wrong_line_total": await number(
        "SELECT count(*) FROM order_items WHERE line_total <> round(unit_price * quantity * (100 - discount_percentage) / 100, 2)",
      ),
    };
    expect(found).toEqual(shop.faults);
    expect(Object.values(shop.faults).every((rows) => rows > 0)).toBe(true);
  });
});
