import { expect, test } from "vitest";
import { at, line, order, product, truth } from "./hand-made.ts";
import { smallShop } from "./small-shop.ts";

const { kpis } = truth(smallShop, { parameters: { month_over_month: { months: 3 } } });

test("daily_sales: a sale on its order's day, a return on its own", () => {
  expect(kpis.daily_sales).toEqual([
    {
      day: "2026-06-01",
      orders: 1,
      customers: 1,
      units: 3,
      gross_sales: "30.00",
      discounts: "1.50",
      returns: "0.00",
      net_sales: "28.50",
      average_order_value: "28.50",
    },
    {
      day: "2026-06-05",
      orders: 2,
      customers: 2,
      units: 4,
      gross_sales: "100.00",
      discounts: "4.00",
      returns: "0.00",
      net_sales: "96.00",
      average_order_value: "48.00",
    },
    {
      day: "2026-06-20",
      orders: 0,
      customers: 0,
      units: 0,
      gross_sales: "0.00",
      discounts: "0.00",
      returns: "36.00",
      net_sales: "-36.00",
      average_order_value: null,
    },
  ]);
});

test("daily_sales: the window begins after today - days and ends with today", () => {
  const days = (today: string, count: number) =>
    truth(smallShop, { today, parameters: { daily_sales: { days: count } } }).kpis.daily_sales.map(
      (row) => row["day"],
    );
  expect(days("2026-06-05", 5)).toEqual(["2026-06-01", "2026-06-05"]);
  expect(days("2026-06-05", 4)).toEqual(["2026-06-05"]);
  expect(days("2026-06-04", 4)).toEqual(["2026-06-01"]);
});

test("monthly_sales", () => {
  const alone = { orders: 1, customers: 1, discounts: "0.00", returns: "0.00" };
  expect(kpis.monthly_sales).toEqual([
    {
      month: "2026-03-01",
      ...alone,
      units: 2,
      gross_sales: "20.00",
      net_sales: "20.00",
      average_order_value: "20.00",
    },
    {
      month: "2026-04-01",
      ...alone,
      units: 1,
      gross_sales: "10.00",
      net_sales: "10.00",
      average_order_value: "10.00",
    },
    {
      month: "2026-06-01",
      orders: 3,
      customers: 3,
      units: 7,
      gross_sales: "130.00",
      discounts: "5.50",
      returns: "36.00",
      net_sales: "88.50",
      average_order_value: "41.50",
    },
  ]);
});

test("monthly_sales of another currency", () => {
  expect(truth(smallShop, { currency: "USD" }).kpis.monthly_sales).toEqual([
    {
      month: "2026-06-01",
      orders: 1,
      customers: 1,
      units: 2,
      gross_sales: "10.00",
      discounts: "0.00",
      returns: "0.00",
      net_sales: "10.00",
      average_order_value: "10.00",
    },
  ]);
});

test("month_over_month: complete months, also those without sales", () => {
  expect(kpis.month_over_month).toEqual([
    { month: "2026-03-01", net_sales: "20.00", previous_net_sales: "0.00", growth_percent: null },
    { month: "2026-04-01", net_sales: "10.00", previous_net_sales: "20.00", growth_percent: "-50.00" },
    { month: "2026-05-01", net_sales: "0.00", previous_net_sales: "10.00", growth_percent: "-100.00" },
  ]);
});

test("overview and average_order_value", () => {
  expect(kpis.overview).toEqual([
    {
      customers: 5,
      customers_with_orders: 2,
      orders: 5,
      units: 10,
      net_sales: "118.50",
      average_order_value: "30.90",
      units_per_order: "2.00",
      revenue_per_customer: "51.50",
    },
  ]);
  expect(kpis.average_order_value).toEqual([
    { orders: 5, sales_after_discount: "154.50", average_order_value: "30.90" },
  ]);
});

test("a line that names another order than the one it came with belongs to that order", () => {
  const { kpis: moved, warnings } = truth({
    products: [product({ id: 1 })],
    orders: [
      order({ id: 1, customerId: 1, orderedAt: at("2026-06-01"), lines: [line({ id: 1, productId: 1 })] }),
      order({
        id: 2,
        customerId: 1,
        orderedAt: at("2026-06-02"),
        totalCents: 0,
        lines: [line({ id: 2, productId: 1, orderId: 1 })],
      }),
    ],
  });
  expect(moved.daily_sales.map((row) => [row["day"], row["units"]])).toEqual([
    ["2026-06-01", 2],
    ["2026-06-02", 0],
  ]);
  expect(warnings["order_items.unknown_order"]).toEqual([]);
});

test("averages are rounded half away from zero, up and down", () => {
  const average = (...cents: number[]) =>
    truth({
      orders: cents.map((totalCents, index) =>
        order({ id: index + 1, customerId: 1, orderedAt: at("2026-06-01"), totalCents }),
      ),
    }).kpis.average_order_value[0]?.["average_order_value"];
  expect(average(1, 0)).toBe("0.01");
  expect(average(1, 0, 0)).toBe("0.00");
  expect(average(9_007_199_254_740_989, 1)).toBe("45035996273704.95");
});
