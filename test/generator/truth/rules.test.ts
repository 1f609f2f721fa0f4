import { expect, test } from "vitest";
import { at, campaign, customer, line, move, order, product, type Rows, truth } from "./hand-made.ts";
import { smallShop } from "./small-shop.ts";

/** The rules that found something, with the ids. */
function findings(rows: Rows): Record<string, readonly number[]> {
  const { rejects, warnings } = truth(rows);
  return Object.fromEntries(
    [...Object.entries(rejects), ...Object.entries(warnings)].filter(([, ids]) => ids.length > 0),
  );
}

test("the small shop: each bad row under its own rule, once", () => {
  expect(findings(smallShop)).toEqual({
    "customers.invalid_email": [5],
    "customers.future_registration": [7],
    "customers.duplicate_email": [6],
    "products.price_below_cost": [3],
    "orders.negative_total": [107],
    "orders.unknown_customer": [104, 110],
    "order_items.wrong_line_total": [12],
    "order_items.negative_quantity": [13],
    "order_items.unknown_product": [6],
    "order_items.unknown_order": [9, 14],
    "marketing_campaigns.clicks_above_impressions": [4],
    "marketing_campaigns.ends_before_start": [5],
    "marketing_campaigns.wrong_roi": [6],
    "marketing_campaigns.conversions_above_clicks": [7],
  });
});

test("the small shop: rows that are left", () => {
  expect(truth(smallShop).rows).toEqual({
    "silver.customers": 5,
    "silver.products": 4,
    "silver.marketing_campaigns": 4,
    "silver.orders": 9,
    "silver.order_items": 12,
    "silver.inventory_transactions": 0,
    "gold.dim_customers": 5,
    "gold.dim_products": 4,
    "gold.fact_customer_orders": 9,
    "gold.fact_order_lines": 10,
    "gold.fact_daily_sales": 8,
    "gold.agg_campaign_performance": 4,
    "gold.agg_inventory_status": 4,
    "gold.inventory_daily": 0,
  });
});

test("every rule is named, also when nothing breaks it", () => {
  const { rejects, warnings } = truth({});
  expect(Object.values({ ...rejects, ...warnings }).flat()).toEqual([]);
  expect(Object.keys(rejects).filter((key) => !key.includes(".invalid_"))).toEqual([
    "customers.future_registration",
    "marketing_campaigns.clicks_above_impressions",
    "marketing_campaigns.conversions_above_clicks",
    "marketing_campaigns.ends_before_start",
    "orders.negative_total",
    "orders.fulfilled_too_early",
    "orders.cancelled_but_fulfilled",
    "orders.future_order_date",
    "order_items.wrong_line_total",
    "order_items.negative_quantity",
    "inventory_transactions.wrong_sign",
  ]);
  expect(Object.keys(warnings)).toEqual([
    "customers.duplicate_email",
    "products.price_below_cost",
    "marketing_campaigns.wrong_roi",
    "orders.unknown_customer",
    "order_items.unknown_order",
    "order_items.unknown_product",
    "inventory_transactions.unknown_product",
  ]);
});

test("values of a wrong type are rejected under the column's name", () => {
  expect(
    findings({
      customers: [customer({ id: 1, fault: "wrong_type" })],
      products: [product({ id: 1, fault: "wrong_type" })],
      orders: [
        order({ id: 1, customerId: 1, orderedAt: at("2026-06-01"), fault: "wrong_type" }),
        order({
          id: 2,
          customerId: 9,
          orderedAt: at("2026-06-01"),
          lines: [line({ id: 1, productId: 1, fault: "wrong_type" })],
        }),
      ],
      moves: [move({ id: 1, productId: 1, type: "IN", quantity: 1, at: 0, fault: "wrong_type" })],
      campaigns: [campaign({ id: 1, fault: "wrong_type" })],
    }),
  ).toEqual({
    "customers.invalid_registration_date": [1],
    "products.invalid_price": [1],
    "orders.invalid_order_date": [1],
    "order_items.invalid_quantity": [1],
    "inventory_transactions.invalid_quantity": [1],
    "marketing_campaigns.invalid_budget": [1],
    "orders.unknown_customer": [2],
  });
});

test("e-mail addresses", () => {
  const addresses = [
    "a@b.c",
    "a.b+c@d-e.example",
    " A@b.example ",
    "a@b",
    "a b@c.d",
    "a@@b.c",
    "@b.c",
    "a@.c",
  ];
  const customers = addresses.map((email, index) => customer({ id: index + 1, email }));
  expect(findings({ customers })).toEqual({ "customers.invalid_email": [4, 5, 6, 7, 8] });
});

test("a duplicate of a rejected customer's address is the first of its kind", () => {
  const customers = [
    customer({ id: 1, email: "a@b.example", registeredAt: at("2031-01-01") }),
    customer({ id: 2, email: "A@b.example" }),
    customer({ id: 3, email: "a@B.example " }),
    customer({ id: 4, email: "a@b.EXAMPLE" }),
  ];
  expect(findings({ customers })).toEqual({
    "customers.future_registration": [1],
    "customers.duplicate_email": [3, 4],
  });
});

test("the future begins when the last day ends", () => {
  const moments = ["2026-06-30T23:59", "2026-07-01T00:00"].map(at);
  expect(
    findings({
      customers: moments.map((registeredAt, index) => customer({ id: index + 1, registeredAt })),
      orders: moments.map((orderedAt, index) => order({ id: index + 1, customerId: 1, orderedAt })),
    }),
  ).toEqual({ "customers.future_registration": [2], "orders.future_order_date": [2] });
});

test("orders: the first broken rule counts", () => {
  const orderedAt = at("2026-06-01");
  const early = orderedAt - 1;
  const bad = { customerId: 1, orderedAt, fulfilledAt: early, status: "Cancelled" } as const;
  expect(
    findings({
      customers: [customer({ id: 1 })],
      orders: [
        order({ id: 1, ...bad, totalCents: -1 }),
        order({ id: 2, ...bad }),
        order({ id: 3, ...bad, fulfilledAt: orderedAt }),
        order({ id: 4, ...bad, fulfilledAt: null }),
        order({ id: 5, ...bad, fulfilledAt: orderedAt, status: "Shipped" }),
      ],
    }),
  ).toEqual({
    "orders.negative_total": [1],
    "orders.fulfilled_too_early": [2],
    "orders.cancelled_but_fulfilled": [3],
  });
});

test("a line total may be rounded in either direction, and by no more", () => {
  const half = { productId: 1, unitPriceCents: 1010, discountPercent: 5 } as const;
  const totals = [959, 960, 958, 961];
  const lines = totals.map((totalCents, index) => line({ id: index + 1, ...half, totalCents }));
  expect(
    findings({
      customers: [customer({ id: 1 })],
      products: [product({ id: 1 })],
      orders: [order({ id: 1, customerId: 1, orderedAt: at("2026-06-01"), lines })],
    }),
  ).toEqual({ "order_items.wrong_line_total": [3, 4] });
});

test("stock moves: signs of IN and OUT; an adjustment has either", () => {
  const kinds = [
    ["IN", 1],
    ["IN", -1],
    ["OUT", -1],
    ["OUT", 1],
    ["ADJUSTMENT", 1],
    ["ADJUSTMENT", -1],
  ] as const;
  const moves = kinds.map(([type, quantity], index) =>
    move({ id: index + 1, productId: index < 5 ? 1 : 9, type, quantity, at: at("2026-06-01") }),
  );
  expect(findings({ products: [product({ id: 1 })], moves })).toEqual({
    "inventory_transactions.wrong_sign": [2, 4],
    "inventory_transactions.unknown_product": [6],
  });
});

test("campaigns: limits are allowed, a return on investment is right to 0.01 %", () => {
  const equal = { impressions: 5, clicks: 5, conversions: 5, startDate: "2026-03-01", endDate: "2026-03-01" };
  const campaigns = [
    campaign({ id: 1, ...equal }),
    campaign({ id: 2, ...equal, budgetCents: 300, revenueCents: 400, roi: 3333 }),
    campaign({ id: 3, ...equal, budgetCents: 300, revenueCents: 400, roi: 3334 }),
    campaign({ id: 4, ...equal, budgetCents: 0, revenueCents: 400, roi: 0 }),
  ];
  expect(findings({ campaigns })).toEqual({ "marketing_campaigns.wrong_roi": [3] });
});

test("a product may cost what it is sold for", () => {
  const products = [600, 599].map((priceCents, index) =>
    product({ id: index + 1, priceCents, costCents: 600 }),
  );
  expect(findings({ products })).toEqual({ "products.price_below_cost": [2] });
});
