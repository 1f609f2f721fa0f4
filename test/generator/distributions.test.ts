/** How often things happen, at a tenth of the full size. */
import { beforeAll, describe, expect, test } from "vitest";
import { day, dayStart, shopPlan } from "../../src/generator/plan.ts";
import { simulate } from "../../src/generator/simulate.ts";
import type { Campaign, Customer, Move, Order, OrderLine, Product } from "../../src/generator/simulation.ts";
import { groupBy } from "./rows.ts";

const plan = shopPlan({ seed: 42, scale: 0.1, until: "2026-06-30", faults: 0 });
const end = dayStart("2026-07-01");
let customers: Customer[];
let products: Product[];
let orders: Order[];
let lines: OrderLine[];
let moves: Move[];
let campaigns: Campaign[];
beforeAll(() => {
  const shop = simulate(plan);
  customers = [...shop.customers()];
  products = [...shop.products()];
  orders = [...shop.orders()];
  lines = orders.flatMap((order) => [...order.lines]);
  moves = [...shop.moves()];
  campaigns = [...shop.campaigns()];
});

/** Percent of the rows with each value. */
function shares<T>(rows: readonly T[], of: (row: T) => unknown): Record<string, number> {
  const groups = groupBy(rows, of);
  return Object.fromEntries(
    [...groups].map(([value, { length }]) => [String(value), (100 * length) / rows.length]),
  );
}

function near(actual: Record<string, number>, expected: Record<string, number>, tolerance: number): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [value, share] of Object.entries(expected))
    expect(Math.abs((actual[value] ?? 0) - share), `${value}: ${actual[value]}`).toBeLessThan(tolerance);
}

describe("a tenth of the full size", () => {
  test("rows", () => {
    expect([customers.length, products.length, campaigns.length]).toEqual([10_000, 5_000, 1_000]);
    expect(50_000 - orders.length).toBeGreaterThanOrEqual(0);
    expect(50_000 - orders.length).toBeLessThan(12); // late ones are still to come
    expect(lines.length / orders.length).toBeCloseTo(3, 1);
    expect(moves.length).toBeGreaterThan(16_000);
    expect(moves.length).toBeLessThan(24_000);
  });

  test("customers", () => {
    near(
      shares(customers, (row) => row.segment),
      { Premium: 15, Regular: 70, New: 15 },
      1.5,
    );
    near(
      shares(customers, (row) => row.tier),
      { Gold: 5, Silver: 15, Bronze: 30, None: 50 },
      1.5,
    );
    near(
      shares(customers, (row) => row.accountStatus),
      { Active: 85, Inactive: 10, Suspended: 5 },
      1.5,
    );
    const changed = customers.filter((row) => row.updatedAt >= end - day);
    expect(changed.length / customers.length).toBeGreaterThan(0.005);
    expect(changed.length / customers.length).toBeLessThan(0.01);
  });

  test("who buys: most now and then, a few very often, some never again", () => {
    const perCustomer = [...groupBy(orders, (order) => order.customerId).values()];
    const counts = perCustomer.map((list) => list.length).sort((a, b) => b - a);
    const top = counts.slice(0, Math.floor(customers.length / 10)).reduce((a, b) => a + b, 0);
    expect(top / orders.length).toBeGreaterThan(0.35);
    expect(counts.length / customers.length).toBeGreaterThan(0.5);
    expect(counts.filter((count) => count === 1).length / counts.length).toBeGreaterThan(0.15);
    const quiet = perCustomer.filter((list) => (list.at(-1)?.orderedAt ?? 0) < end - 180 * day);
    expect(quiet.length / perCustomer.length).toBeGreaterThan(0.2);
  });

  test("orders and their payments", () => {
    const old = orders.filter((order) => order.orderedAt < end - 20 * day);
    near(
      shares(old, (order) => order.status),
      { Delivered: 95, Cancelled: 5 },
      0.5,
    );
    near(
      shares(old, (order) => order.paymentStatus),
      { Paid: 94.7, Failed: 3, Refunded: 2.3 },
      0.5,
    );
    near(
      shares(orders, (order) => order.paymentMethod),
      { "Credit Card": 45, PayPal: 30, "Debit Card": 15, "Bank Transfer": 10 },
      1,
    );
    const late = orders.filter((order) => order.createdAt > order.orderedAt);
    expect(late.length / orders.length).toBeGreaterThan(0.004);
    expect(late.length / orders.length).toBeLessThan(0.006);
    const attributed = orders.filter((order) => order.campaignId !== null);
    expect(attributed.length / orders.length).toBeCloseTo(0.3, 1);
  });

  test("lines and their returns", () => {
    near(
      shares(lines, (line) => line.discountPercent),
      { 0: 60, 5: 20, 10: 10, 15: 5, 20: 5 },
      0.7,
    );
    const old = orders.filter((order) => order.orderedAt < end - 60 * day && order.status === "Delivered");
    near(
      shares(
        old.flatMap((order) => order.lines),
        (line) => line.returnStatus,
      ),
      { None: 95, Requested: 2, Approved: 2, Completed: 1 },
      0.3,
    );
  });

  test("products: few of them make most of the sales", () => {
    near(
      shares(products, (row) => row.active),
      { true: 95, false: 5 },
      1.5,
    );
    const sold = [...groupBy(lines, (line) => line.productId).values()].map((list) => list.length);
    const top = sold
      .sort((a, b) => b - a)
      .slice(0, products.length / 10)
      .reduce((a, b) => a + b, 0);
    expect(top / lines.length).toBeGreaterThan(0.5);
  });

  test("moves", () => {
    near(
      shares(moves, (move) => move.type),
      { IN: 40, OUT: 50, ADJUSTMENT: 10 },
      3,
    );
    near(
      shares(
        moves.filter((move) => move.type === "ADJUSTMENT"),
        (move) => move.quantity > 0,
      ),
      { true: 50, false: 50 },
      6,
    );
  });

  test("more orders every year, fewer on Saturdays, most of all before Christmas", () => {
    const ordersOf = (first: string, last: string) =>
      orders.filter(({ orderedAt }) => orderedAt >= dayStart(first) && orderedAt < dayStart(last) + day)
        .length;
    const growth = ordersOf("2025-07-01", "2026-06-30") / ordersOf("2024-07-01", "2025-06-30");
    expect(growth).toBeGreaterThan(1.25);
    expect(growth).toBeLessThan(1.45);
    expect(ordersOf("2025-12-01", "2025-12-20") / ordersOf("2025-09-01", "2025-09-20")).toBeGreaterThan(1.4);
    const weekdays = shares(orders, ({ orderedAt }) => new Date(orderedAt).getUTCDay());
    expect(Math.min(...Object.values(weekdays))).toBe(weekdays["6"]);
    expect(Math.max(...Object.values(weekdays))).toBe(weekdays["1"]);
  });

  test("campaigns: some bring nothing, some bring a lot", () => {
    const done = campaigns.filter((campaign) => dayStart(campaign.endDate) < end - 10 * day);
    expect(done.some((campaign) => campaign.clicks === 0)).toBe(true);
    expect(done.filter((campaign) => campaign.clicks === 0).length / done.length).toBeLessThan(0.06);
    expect(done.filter((campaign) => campaign.roi > 0).length / done.length).toBeGreaterThan(0.2);
    expect(done.filter((campaign) => campaign.roi < 0).length / done.length).toBeGreaterThan(0.2);
  });
});
