import { expect, test } from "vitest";
import { at, order, truth } from "./hand-made.ts";
import { smallShop } from "./small-shop.ts";

const { kpis } = truth(smallShop);

test("orders_by_status: all good orders of the currency", () => {
  const one = { orders: 1, share_percent: "14.29" };
  expect(kpis.orders_by_status).toEqual([
    { order_status: "Delivered", orders: 3, share_percent: "42.86", total_amount: "97.08" },
    { order_status: "Cancelled", ...one, total_amount: "10.00" },
    { order_status: "Pending", ...one, total_amount: "10.00" },
    { order_status: "Processing", ...one, total_amount: "40.00" },
    { order_status: "Shipped", ...one, total_amount: "28.50" },
  ]);
});

test("payment_methods", () => {
  expect(kpis.payment_methods).toEqual([
    {
      payment_method: "PayPal",
      orders: 4,
      paid: 2,
      pending: 1,
      failed: 0,
      refunded: 1,
      failed_percent: "0.00",
      total_amount: "107.08",
    },
    {
      payment_method: "Credit Card",
      orders: 3,
      paid: 1,
      pending: 1,
      failed: 1,
      refunded: 0,
      failed_percent: "33.33",
      total_amount: "78.50",
    },
  ]);
});

test("cancellation_rate", () => {
  expect(kpis.cancellation_rate).toEqual([{ orders: 7, cancelled_orders: 1, cancellation_percent: "14.29" }]);
});

test("fulfilment_time: quantiles are values of the list; a day is 86,400 seconds also when the clocks change", () => {
  const hours = [24, 48, 72, 96, 120, 144, 168, 36, 60, 30];
  const orderedAt = at("2026-03-28T12:00");
  const orders = [
    ...hours.map((each, index) =>
      order({ id: index + 1, customerId: 1, orderedAt, fulfilledAt: orderedAt + each * 3_600_000 }),
    ),
    order({ id: 20, customerId: 1, orderedAt, fulfilledAt: orderedAt + 86_400_999, status: "Shipped" }),
    order({ id: 21, customerId: 1, orderedAt: orderedAt + 999, fulfilledAt: orderedAt, currency: "USD" }),
    order({ id: 22, customerId: 1, orderedAt }),
  ];
  expect(truth({ orders }).kpis.fulfilment_time).toEqual([
    {
      order_status: "Delivered",
      orders: 10,
      average_days: "3.33",
      median_days: "3.00",
      p90_days: "7.00",
    },
    { order_status: "Shipped", orders: 1, average_days: "1.00", median_days: "1.00", p90_days: "1.00" },
  ]);
});
