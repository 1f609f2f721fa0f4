/**
 * Three buyers, four products, ten orders, two of them cancelled or not paid, one in another currency, one rejected. The answers in the
 * tests were worked out by hand. What is counted in EUR:
 *
 * | order | buyer | day        | lines (product x units, revenue)                      | net   |
 * |-------|-------|------------|-------------------------------------------------------|-------|
 * | 101   | 1     | 2026-03-10 | lamp x 2, 20.00                                       | 20.00 |
 * | 109   | 1     | 2026-04-20 | lamp x 1, 10.00                                       | 10.00 |
 * | 103   | 2     | 2026-06-01 | lamp x 3, 28.50 (of 30.00)                            | 28.50 |
 * | 102   | 1     | 2026-06-05 | chair x 1, 36.00 (of 40.00), back on 06-20; ball, 20.00 | 56.00 |
 * | 104   | 5     | 2026-06-05 | lamp x 1, 10.00; unknown product 99, 30.00            | 40.00 |
 */
import { at, campaign, customer, line, order, product, type Rows } from "./hand-made.ts";

export const smallShop: Rows = {
  customers: [
    customer({ id: 1, email: "ada@shop.example", segment: "Premium" }),
    customer({ id: 2, country: "FR", registeredAt: at("2026-05-31T22:30") }),
    customer({ id: 3, registeredAt: at("2026-03-01") }),
    customer({ id: 4, segment: "New", country: "AT", registeredAt: at("2026-06-10") }),
    customer({ id: 5, email: "no address", fault: "invalid_email" }),
    customer({
      id: 6,
      email: " ADA@Shop.example ",
      country: "NL",
      registeredAt: at("2026-04-30T22:30"),
      fault: "duplicate_email",
    }),
    customer({ id: 7, registeredAt: at("2031-01-01"), fault: "future_registration" }),
  ],
  products: [
    product({ id: 1, name: "Lamp", category: " home & GARDEN ", stock: 5, reorderLevel: 5 }),
    product({
      id: 2,
      name: "Chair",
      category: "home & garden",
      priceCents: 4000,
      costCents: 2500,
      stock: 0,
      reorderLevel: 2,
    }),
    product({
      id: 3,
      name: "Ball",
      category: "sports",
      priceCents: 2000,
      costCents: 2100,
      stock: 0,
      active: false,
      fault: "price_below_cost",
    }),
    product({
      id: 4,
      name: "Rope",
      category: "sports",
      priceCents: 500,
      costCents: 100,
      stock: 6,
      reorderLevel: 5,
    }),
  ],
  orders: [
    order({
      id: 101,
      customerId: 1,
      orderedAt: at("2026-03-10"),
      taxCents: 160,
      shippingCents: 500,
      campaignId: 1,
      lines: [line({ id: 1, productId: 1, quantity: 2 })],
    }),
    order({
      id: 102,
      customerId: 1,
      orderedAt: at("2026-06-05"),
      taxCents: 448,
      paymentStatus: "Refunded",
      lines: [
        line({
          id: 2,
          productId: 2,
          unitPriceCents: 4000,
          discountPercent: 10,
          returnStatus: "Completed",
          returnedAt: at("2026-06-20"),
        }),
        line({ id: 3, productId: 3, unitPriceCents: 2000, returnStatus: "Approved" }),
      ],
    }),
    order({
      id: 103,
      customerId: 2,
      orderedAt: at("2026-05-31T22:30"),
      status: "Shipped",
      paymentMethod: "Credit Card",
      campaignId: 2,
      lines: [line({ id: 4, productId: 1, quantity: 3, discountPercent: 5 })],
    }),
    order({
      id: 104,
      customerId: 5,
      orderedAt: at("2026-06-05"),
      status: "Processing",
      paymentMethod: "Credit Card",
      paymentStatus: "Pending",
      campaignId: 4,
      lines: [
        line({ id: 5, productId: 1 }),
        line({ id: 6, productId: 99, unitPriceCents: 3000, fault: "unknown_product" }),
      ],
    }),
    order({
      id: 105,
      customerId: 3,
      orderedAt: at("2026-06-06"),
      status: "Cancelled",
      paymentStatus: "Pending",
      lines: [line({ id: 7, productId: 1 })],
    }),
    order({
      id: 106,
      customerId: 3,
      orderedAt: at("2026-06-07"),
      status: "Pending",
      paymentMethod: "Credit Card",
      paymentStatus: "Failed",
      lines: [line({ id: 8, productId: 1 })],
    }),
    order({
      id: 107,
      customerId: 3,
      orderedAt: at("2026-06-08"),
      totalCents: -1000,
      fault: "negative_total",
      lines: [line({ id: 9, productId: 1 })],
    }),
    order({
      id: 108,
      customerId: 2,
      orderedAt: at("2026-06-08"),
      currency: "USD",
      lines: [line({ id: 10, productId: 4, quantity: 2, unitPriceCents: 500 })],
    }),
    order({
      id: 109,
      customerId: 1,
      orderedAt: at("2026-04-20"),
      totalCents: 1000,
      lines: [
        line({ id: 11, productId: 1 }),
        line({ id: 12, productId: 1, totalCents: 1200, fault: "wrong_line_total" }),
        line({ id: 13, productId: 1, quantity: -1, fault: "negative_quantity" }),
        line({ id: 14, productId: 1, orderId: 999, fault: "unknown_order" }),
      ],
    }),
    order({
      id: 110,
      customerId: 77,
      orderedAt: at("2026-06-09"),
      status: "Cancelled",
      currency: "USD",
      fault: "unknown_customer",
    }),
  ],
  campaigns: [
    campaign({ id: 1, impressions: 1000, clicks: 50, conversions: 5, revenueCents: 25_000 }),
    campaign({
      id: 2,
      channel: "SOCIAL",
      startDate: "2026-06-01",
      endDate: "2026-06-20",
      budgetCents: 5000,
    }),
    campaign({
      id: 3,
      startDate: "2026-06-10",
      endDate: "2026-06-20",
      budgetCents: 0,
      impressions: 10,
      clicks: 10,
      conversions: 1,
      revenueCents: 1000,
    }),
    campaign({ id: 4, channel: "SMS", impressions: 1, clicks: 2, fault: "clicks_above_impressions" }),
    campaign({ id: 5, endDate: "2026-02-01", fault: "ends_before_start" }),
    campaign({
      id: 6,
      channel: "SEARCH",
      startDate: "2026-04-01",
      endDate: "2026-04-30",
      budgetCents: 4000,
      impressions: 100,
      clicks: 20,
      conversions: 2,
      revenueCents: 10_000,
      roi: 99,
      fault: "wrong_roi",
    }),
    campaign({
      id: 7,
      channel: "SMS",
      impressions: 9,
      clicks: 2,
      conversions: 3,
      fault: "conversions_above_clicks",
    }),
  ],
};
