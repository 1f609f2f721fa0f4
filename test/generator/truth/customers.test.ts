import { expect, test } from "vitest";
import { at, customer, order, truth } from "./hand-made.ts";
import { smallShop } from "./small-shop.ts";

const { kpis } = truth(smallShop, { parameters: { new_customers: { months: 3 } } });

test("customers_by_segment", () => {
  expect(kpis.customers_by_segment).toEqual([
    { customer_segment: "Regular", customers: 3, share_percent: "60.00" },
    { customer_segment: "New", customers: 1, share_percent: "20.00" },
    { customer_segment: "Premium", customers: 1, share_percent: "20.00" },
  ]);
});

test("top_customers: a rejected customer's orders count, the segment is unknown", () => {
  expect(kpis.top_customers).toEqual([
    { customer_id: 1, customer_segment: "Premium", orders: 3, spend: "86.00", average_order_value: "28.67" },
    { customer_id: 5, customer_segment: "Unknown", orders: 1, spend: "40.00", average_order_value: "40.00" },
    { customer_id: 2, customer_segment: "Regular", orders: 1, spend: "28.50", average_order_value: "28.50" },
  ]);
});

test("top_customers: equal spend by id; at most `limit`", () => {
  const orders = [9, 10, 2].map((customerId, index) =>
    order({ id: index + 1, customerId, orderedAt: at("2026-06-01"), totalCents: 500 }),
  );
  const { kpis: ties } = truth({ orders }, { parameters: { top_customers: { limit: 2 } } });
  expect(ties.top_customers.map((row) => row["customer_id"])).toEqual([2, 9]);
});

test("purchase_frequency leaves out bands without buyers", () => {
  expect(kpis.purchase_frequency).toEqual([
    { band: "One-time", customers: 2, share_percent: "66.67", orders: 2, spend: "68.50" },
    { band: "Occasional", customers: 1, share_percent: "33.33", orders: 3, spend: "86.00" },
  ]);
});

test("purchase_frequency: five orders are occasional, six are loyal", () => {
  const orders = [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2].map((customerId, index) =>
    order({ id: index + 1, customerId, orderedAt: at("2026-06-01"), totalCents: 100 }),
  );
  expect(truth({ orders }).kpis.purchase_frequency).toEqual([
    { band: "Occasional", customers: 1, share_percent: "50.00", orders: 5, spend: "5.00" },
    { band: "Loyal", customers: 1, share_percent: "50.00", orders: 6, spend: "6.00" },
  ]);
});

test("customer_value_by_segment: returned lines and unknown products bring no profit", () => {
  expect(kpis.customer_value_by_segment).toEqual([
    {
      customer_segment: "Premium",
      customers: 1,
      orders: 3,
      revenue: "86.00",
      average_spend: "86.00",
      orders_per_customer: "3.00",
      gross_profit: "11.00",
      gross_profit_per_customer: "11.00",
    },
    {
      customer_segment: "Regular",
      customers: 1,
      orders: 1,
      revenue: "28.50",
      average_spend: "28.50",
      orders_per_customer: "1.00",
      gross_profit: "10.50",
      gross_profit_per_customer: "10.50",
    },
    {
      customer_segment: "Unknown",
      customers: 1,
      orders: 1,
      revenue: "40.00",
      average_spend: "40.00",
      orders_per_customer: "1.00",
      gross_profit: "4.00",
      gross_profit_per_customer: "4.00",
    },
  ]);
});

test("customer_funnel", () => {
  expect(kpis.customer_funnel).toEqual([
    { step: "1 customers", customers: 5, percent_of_customers_percent: "100.00" },
    { step: "2 with an order", customers: 2, percent_of_customers_percent: "40.00" },
    { step: "3 with several orders", customers: 1, percent_of_customers_percent: "20.00" },
  ]);
});

test("new_customers: 22:30 UTC of 30 April is May in Berlin", () => {
  expect(kpis.new_customers).toEqual([
    { month: "2026-03-01", registrations: 1, first_time_buyers: 1 },
    { month: "2026-04-01", registrations: 0, first_time_buyers: 0 },
    { month: "2026-05-01", registrations: 1, first_time_buyers: 0 },
  ]);
});

test("sales_by_country", () => {
  expect(kpis.sales_by_country).toEqual([
    { country: "DE", customers: 1, orders: 3, revenue: "86.00", average_order_value: "28.67" },
    { country: "Unknown", customers: 1, orders: 1, revenue: "40.00", average_order_value: "40.00" },
    { country: "FR", customers: 1, orders: 1, revenue: "28.50", average_order_value: "28.50" },
  ]);
});

test("texts are ordered by bytes", () => {
  const customers = ["Österreich", "Zypern", "belgien"].map((country, index) =>
    customer({ id: index + 1, country }),
  );
  const orders = customers.map(({ id }) => order({ id, customerId: id, orderedAt: at("2026-06-01") }));
  const { kpis: countries } = truth({ customers, orders });
  expect(countries.sales_by_country.map((row) => row["country"])).toEqual([
    "Zypern",
    "belgien",
    "Österreich",
  ]);
});

test("customer_funnel: two orders are several", () => {
  const customers = [1, 2, 3].map((id) => customer({ id }));
  const orders = [1, 1, 2].map((customerId, index) =>
    order({ id: index + 1, customerId, orderedAt: at("2026-06-01") }),
  );
  const { kpis: steps } = truth({ customers, orders });
  expect(steps.customer_funnel.map((row) => row["customers"])).toEqual([3, 2, 1]);
});
