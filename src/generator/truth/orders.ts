/** KPIs of orders as such: all good ones, whatever became of them. */
import { money, percent, ratio } from "./exact.ts";
import type { FactOrder } from "./facts.ts";
import { ascending, by, descending, groupBy, sumOf } from "./group.ts";
import { kpi } from "./kpi.ts";

const secondsOfDay = 86_400;

/** By name. Definitions: docs/kpis.md. */
export const orderKpis = {
  orders_by_status: kpi({}, ({ orders }) =>
    [...groupBy(orders, ({ status }) => status)]
      .map(([order_status, own]) => ({
        order_status,
        orders: own.length,
        share_percent: percent(own.length, orders.length),
        total_amount: totalOf(own),
      }))
      .sort(
        by(
          descending((row) => row.orders),
          ascending((row) => row.order_status),
        ),
      ),
  ),

  fulfilment_time: kpi({}, ({ orders }) => {
    const fulfilled = orders.flatMap((order) => secondsToFulfil(order));
    return [...groupBy(fulfilled, ({ status }) => status)]
      .map(([order_status, own]) => {
        const times = own.map(({ seconds }) => seconds).sort((a, b) => a - b);
        const total = sumOf(times, (seconds) => seconds);
        return {
          order_status,
          orders: times.length,
          average_days: ratio(total, secondsOfDay * times.length, 2),
          median_days: ratio(quantile(times, 50), secondsOfDay, 2),
          p90_days: ratio(quantile(times, 90), secondsOfDay, 2),
        };
      })
      .sort(ascending((row) => row.order_status));
  }),

  payment_methods: kpi({}, ({ orders }) =>
    [...groupBy(orders, ({ paymentMethod }) => paymentMethod)]
      .map(([payment_method, own]) => {
        const count = (status: FactOrder["paymentStatus"]) =>
          own.filter(({ paymentStatus }) => paymentStatus === status).length;
        return {
          payment_method,
          orders: own.length,
          paid: count("Paid"),
          pending: count("Pending"),
          failed: count("Failed"),
          refunded: count("Refunded"),
          failed_percent: percent(count("Failed"), own.length),
          total_amount: totalOf(own),
        };
      })
      .sort(
        by(
          descending((row) => row.orders),
          ascending((row) => row.payment_method),
        ),
      ),
  ),

  cancellation_rate: kpi({}, ({ orders }) => {
    const cancelled = orders.filter(({ status }) => status === "Cancelled").length;
    return [
      {
        orders: orders.length,
        cancelled_orders: cancelled,
        cancellation_percent: percent(cancelled, orders.length),
      },
    ];
  }),
};

function totalOf(orders: readonly FactOrder[]): string {
  return money(sumOf(orders, (order) => order.totalCents));
}

/** Between two moments cut to whole seconds. */
function secondsToFulfil({ status, orderedAt, fulfilledAt }: FactOrder) {
  if (fulfilledAt === null) return [];
  return [{ status, seconds: Math.floor(fulfilledAt / 1000) - Math.floor(orderedAt / 1000) }];
}

/** The value at position floor(percentage x count / 100), from 0, of an ascending list that is not empty. */
function quantile(ascendingValues: readonly number[], percentage: number): number {
  return ascendingValues[Math.floor((percentage * ascendingValues.length) / 100)] ?? 0;
}
