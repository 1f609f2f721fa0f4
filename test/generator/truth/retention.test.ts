import { expect, test } from "vitest";
import { at, order, truth } from "./hand-made.ts";
import { smallShop } from "./small-shop.ts";

const { kpis } = truth(smallShop, {
  parameters: { retention_cohorts: { months: 4 }, returning_customers: { months: 4 }, churn: { days: 27 } },
});

test("repeat_purchase_rate", () => {
  expect(kpis.repeat_purchase_rate).toEqual([
    { customers_with_orders: 3, repeat_customers: 1, repeat_purchase_percent: "33.33" },
  ]);
});

test("returning_customers: months without buyers are left out", () => {
  expect(kpis.returning_customers).toEqual([
    { month: "2026-03-01", customers: 1, returning_customers: 0, returning_percent: "0.00" },
    { month: "2026-04-01", customers: 1, returning_customers: 1, returning_percent: "100.00" },
  ]);
});

test("retention_cohorts: nothing is known of months to come", () => {
  const march = { cohort: "2026-03-01", cohort_size: 1 };
  const june = { cohort: "2026-06-01", cohort_size: 2 };
  const unknown = { customers: null, retention_percent: null };
  expect(kpis.retention_cohorts).toEqual([
    { ...march, month_number: 0, customers: 1, retention_percent: "100.00" },
    { ...march, month_number: 1, customers: 1, retention_percent: "100.00" },
    { ...march, month_number: 2, customers: 0, retention_percent: "0.00" },
    { ...march, month_number: 3, customers: 1, retention_percent: "100.00" },
    { ...june, month_number: 0, customers: 2, retention_percent: "100.00" },
    { ...june, month_number: 1, ...unknown },
    { ...june, month_number: 2, ...unknown },
    { ...june, month_number: 3, ...unknown },
  ]);
});

test("retention_cohorts: the first cohort is months - 1 before this month", () => {
  const { kpis: three } = truth(smallShop, { parameters: { retention_cohorts: { months: 3 } } });
  expect(new Set(three.retention_cohorts.map((row) => row["cohort"]))).toEqual(new Set(["2026-06-01"]));
});

test("churn: the day that is `days` before today is too long ago", () => {
  expect(kpis.churn).toEqual([{ customers_with_orders: 3, churned_customers: 1, churn_percent: "33.33" }]);
  const churned = (days: number) =>
    truth(smallShop, { parameters: { churn: { days } } }).kpis.churn[0]?.["churned_customers"];
  expect([25, 26, 29, 30].map(churned)).toEqual([3, 1, 1, 0]);
});

test("churn and cohorts: orders after today", () => {
  const orders = [
    order({ id: 1, customerId: 1, orderedAt: at("2026-06-20") }),
    order({ id: 2, customerId: 2, orderedAt: at("2026-05-01") }),
    order({ id: 3, customerId: 2, orderedAt: at("2026-06-20") }),
  ];
  const { kpis: early } = truth({ orders }, { today: "2026-06-10", parameters: { churn: { days: 30 } } });
  expect(early.churn).toEqual([{ customers_with_orders: 1, churned_customers: 1, churn_percent: "100.00" }]);
});

test("churn: an order of today is no churn", () => {
  const orders = [order({ id: 1, customerId: 1, orderedAt: at("2026-06-30") })];
  const { kpis: today } = truth({ orders }, { parameters: { churn: { days: 1 } } });
  expect(today.churn[0]?.["churned_customers"]).toBe(0);
});
