/** Shops that lack something. */
import { expect, test } from "vitest";
import { at, campaign, customer, line, order, product, truth } from "./hand-made.ts";
import { smallShop } from "./small-shop.ts";

test("an empty shop: no rows, except where a KPI always has some", () => {
  const { kpis } = truth({});
  const filled = Object.entries(kpis).filter(([, rows]) => rows.length > 0);
  expect(Object.keys(kpis)).toHaveLength(38);
  expect(filled.map(([name, rows]) => [name, rows.length])).toEqual([
    ["month_over_month", 12],
    ["overview", 1],
    ["average_order_value", 1],
    ["customer_funnel", 3],
    ["new_customers", 12],
    ["repeat_purchase_rate", 1],
    ["churn", 1],
    ["customer_lifetime_value", 1],
    ["conversion_rate", 1],
    ["cancellation_rate", 1],
  ]);
  expect(kpis.overview).toEqual([
    {
      customers: 0,
      customers_with_orders: 0,
      orders: 0,
      units: 0,
      net_sales: "0.00",
      average_order_value: null,
      units_per_order: null,
      revenue_per_customer: null,
    },
  ]);
  expect(kpis.month_over_month[0]).toEqual({
    month: "2025-06-01",
    net_sales: "0.00",
    previous_net_sales: "0.00",
    growth_percent: null,
  });
  expect(kpis.customer_lifetime_value).toEqual([
    {
      customers: 0,
      average_order_value: null,
      orders_per_customer: null,
      gross_margin_percent: null,
      churn_percent: null,
      lifetime_periods: "5.00",
      lifetime_value: null,
    },
  ]);
  expect(kpis.customer_funnel[0]).toEqual({
    step: "1 customers",
    customers: 0,
    percent_of_customers_percent: null,
  });
});

test("a currency in which nothing was sold is an empty shop, but for what has no currency", () => {
  const { kpis } = truth(smallShop, { currency: "CHF" });
  expect(kpis.top_products).toEqual([]);
  expect(kpis.overview[0]).toMatchObject({ customers: 5, customers_with_orders: 0, orders: 0 });
  expect(kpis.rfm_segments).toEqual([
    { segment: "PROSPECTS", customers: 5, share_percent: "100.00", orders: 0, revenue: "0.00" },
  ]);
  expect(kpis.campaigns_by_channel).toHaveLength(3);
});

test("all orders cancelled", () => {
  const orders = [
    order({
      id: 1,
      customerId: 1,
      orderedAt: at("2026-06-01"),
      status: "Cancelled",
      lines: [line({ id: 1, productId: 1 })],
    }),
  ];
  const { kpis } = truth({ customers: [customer({ id: 1 })], products: [product({ id: 1 })], orders });
  expect(kpis.cancellation_rate[0]?.["cancellation_percent"]).toBe("100.00");
  expect(kpis.daily_sales).toEqual([]);
  expect(kpis.overview[0]).toMatchObject({ orders: 0, units: 0, average_order_value: null });
  expect(kpis.orders_by_status).toHaveLength(1);
});

test("everything came back: shares of nothing", () => {
  const orders = [
    order({
      id: 1,
      customerId: 1,
      orderedAt: at("2026-05-01"),
      lines: [line({ id: 1, productId: 1, returnStatus: "Completed", returnedAt: at("2026-05-10") })],
    }),
  ];
  const { kpis } = truth({ products: [product({ id: 1 })], orders });
  expect(kpis.top_categories[0]).toMatchObject({ net_sales: "0.00", share_percent: null });
  expect(kpis.abc_classes).toEqual([{ class: "C", products: 1, net_sales: "0.00", share_percent: null }]);
  expect(kpis.return_rate[0]).toMatchObject({ return_percent: "100.00", value_return_percent: "100.00" });
});

test("orders without lines have a value of their own", () => {
  const { kpis } = truth({
    orders: [order({ id: 1, customerId: 1, orderedAt: at("2026-06-01"), totalCents: 500 })],
  });
  expect(kpis.daily_sales).toMatchObject([{ orders: 1, units: 0, average_order_value: "5.00" }]);
  expect(kpis.basket_pairs).toEqual([]);
});

test("campaigns without a budget", () => {
  const { kpis } = truth({ campaigns: [campaign({ id: 1, budgetCents: 0 })] });
  expect(kpis.top_campaigns).toEqual([]);
  expect(kpis.campaigns_by_channel[0]).toMatchObject({ roas: null, roi_percent: null });
});

test("an evening in the timezone is the next day in another", () => {
  const orders = [order({ id: 1, customerId: 1, orderedAt: at("2026-05-31T23:00"), totalCents: 100 })];
  const months = (timezone: string) => truth({ orders }, { timezone }).kpis.monthly_sales[0]?.["month"];
  expect(months("UTC")).toBe("2026-05-01");
  expect(months("Europe/Berlin")).toBe("2026-06-01");
  expect(months("America/New_York")).toBe("2026-05-01");
});

test("a day that does not exist", () => {
  expect(() => truth({}, { today: "2026-02-30" })).toThrow('"2026-02-30" is no day');
});
