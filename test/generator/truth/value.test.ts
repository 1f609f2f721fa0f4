import { expect, test } from "vitest";
import { at, customer, line, order, product, type Rows, truth } from "./hand-made.ts";

const spend = (id: number, customerId: number, day: string, totalCents: number) =>
  order({ id, customerId, orderedAt: at(day), totalCents });

/**
 * Scores of the five buyers of the window, by hand:
 * | buyer | last order, R | orders, F | spent, M  | FM |
 * |-------|---------------|-----------|-----------|----|
 * | 1     | 06-29, 5      | 5, 5      | 500.00, 5 | 5  |
 * | 2     | 06-28, 4      | 1, 1      | 10.00, 1  | 1  |
 * | 3     | 06-27, 3      | 2, 3      | 100.00, 3 | 3  |
 * | 4     | 06-26, 1      | 2, 3      | 300.00, 4 | 3  |
 * | 5     | 06-26, 1      | 1, 1      | 50.00, 2  | 1  |
 * Buyer 6 bought before the window; 7 and the unknown 8 after today; customer 9 never.
 */
const rfmShop: Rows = {
  customers: [1, 2, 3, 4, 5, 6, 7, 9].map((id) => customer({ id })),
  orders: [
    ...[1, 2, 3, 4, 5].map((id) => spend(id, 1, "2026-06-29", 10_000)),
    spend(6, 1, "2026-07-03", 99_900),
    spend(7, 2, "2026-06-28", 1000),
    spend(8, 3, "2026-06-27", 5000),
    spend(9, 3, "2026-05-01", 5000),
    spend(10, 4, "2026-06-26", 10_000),
    spend(11, 4, "2026-06-01", 20_000),
    spend(12, 5, "2026-06-26", 5000),
    spend(13, 5, "2026-03-01", 70_000),
    spend(14, 6, "2026-03-01", 70_000),
    spend(15, 7, "2026-07-03", 100),
    spend(16, 8, "2026-07-03", 100),
  ].map((each) => ({ ...each, orderedAt: each.orderedAt - 365 * 86_400_000 })),
};

test("rfm_segments", () => {
  const parameters = { rfm_segments: { days: 100 } };
  const { kpis } = truth(rfmShop, { today: "2025-06-30", parameters });
  const one = { customers: 1, share_percent: "12.50" };
  expect(kpis.rfm_segments).toEqual([
    { segment: "DORMANT", customers: 2, share_percent: "25.00", orders: 1, revenue: "50.00" },
    { segment: "PROSPECTS", customers: 2, share_percent: "25.00", orders: 0, revenue: "0.00" },
    { segment: "AT_RISK", ...one, orders: 2, revenue: "300.00" },
    { segment: "CHAMPIONS", ...one, orders: 5, revenue: "500.00" },
    { segment: "NEEDS_ATTENTION", ...one, orders: 2, revenue: "100.00" },
    { segment: "PROMISING", ...one, orders: 1, revenue: "10.00" },
  ]);
});

test("rfm_segments: a single buyer is worse than nobody and better than nobody", () => {
  const { kpis } = truth({ orders: [spend(1, 1, "2026-06-30", 100)] });
  expect(kpis.rfm_segments).toEqual([
    { segment: "DORMANT", customers: 1, share_percent: "100.00", orders: 1, revenue: "1.00" },
  ]);
});

const bought = (id: number, customerId: number, day: string, lines: readonly [number, number][]) =>
  order({
    id,
    customerId,
    orderedAt: at(day),
    lines: lines.map(([productId, unitPriceCents], index) =>
      line({ id: id * 10 + index, productId, unitPriceCents }),
    ),
  });

/** Window 06-21 to 06-30, before it 06-11 to 06-20. */
const valueShop: Rows = {
  products: [product({ id: 1, costCents: 3000 }), product({ id: 2, costCents: 1800 })],
  orders: [
    bought(1, 1, "2026-06-20", [[1, 5000]]),
    bought(2, 3, "2026-06-11", [[1, 5000]]),
    bought(3, 4, "2026-06-12", [[1, 5000]]),
    bought(4, 5, "2026-06-10", [[1, 5000]]),
    bought(5, 1, "2026-06-21", [[1, 6000]]),
    bought(6, 1, "2026-06-22", [[99, 4000]]),
    bought(7, 2, "2026-06-30", [[2, 2000]]),
  ],
};

test("customer_lifetime_value: 60.00 per customer x 40 % x 1.5 periods", () => {
  const { kpis } = truth(valueShop, { parameters: { customer_lifetime_value: { days: 10 } } });
  expect(kpis.customer_lifetime_value).toEqual([
    {
      customers: 2,
      average_order_value: "40.00",
      orders_per_customer: "1.50",
      gross_margin_percent: "40.00",
      churn_percent: "66.67",
      lifetime_periods: "1.50",
      lifetime_value: "36.00",
    },
  ]);
});

test("customer_lifetime_value: without earlier buyers, or when few of them left, five periods", () => {
  const parameters = { customer_lifetime_value: { days: 10 } };
  const { kpis } = truth({ ...valueShop, orders: valueShop.orders?.slice(4) ?? [] }, { parameters });
  expect(kpis.customer_lifetime_value[0]).toMatchObject({
    churn_percent: null,
    lifetime_periods: "5.00",
    lifetime_value: "120.00",
  });
  const faithful = [1, 2, 3, 4, 5, 6].flatMap((id) => [
    bought(id, id, "2026-06-15", [[1, 5000]]),
    ...(id === 6 ? [] : [bought(id + 10, id, "2026-06-25", [[1, 5000]])]),
  ]);
  const sorted = faithful.sort((a, b) => a.id - b.id);
  expect(truth({ ...valueShop, orders: sorted }, { parameters }).kpis.customer_lifetime_value).toEqual([
    {
      customers: 5,
      average_order_value: "50.00",
      orders_per_customer: "1.00",
      gross_margin_percent: "40.00",
      churn_percent: "16.67",
      lifetime_periods: "5.00",
      lifetime_value: "100.00",
    },
  ]);
});
