import type { Order } from "../simulation.ts";
import { decimal, instant, instantOrNull, type Table } from "./table.ts";

/** One row an order, as it is now. */
export const ordersTable: Table<Order> = {
  name: "orders",
  key: "order_id",
  cursor: "updated_at",
  columns: {
    order_id: { type: "bigint NOT NULL", value: (row) => row.id },
    customer_id: { type: "integer NOT NULL", value: (row) => row.customerId },
    order_date: { type: "timestamptz NOT NULL", value: (row) => instant(row.orderedAt) },
    order_status: { type: "varchar(20) NOT NULL", value: (row) => row.status },
    payment_method: { type: "varchar(20) NOT NULL", value: (row) => row.paymentMethod },
    shipping_address: { type: "text", value: (row) => row.shippingAddress },
    billing_address: { type: "text", value: (row) => row.billingAddress },
    total_amount: { type: "numeric(12,2) NOT NULL", value: (row) => decimal(row.totalCents) },
    discount_amount: { type: "numeric(12,2) NOT NULL", value: (row) => decimal(row.discountCents) },
    tax_amount: { type: "numeric(12,2) NOT NULL", value: (row) => decimal(row.taxCents) },
    shipping_cost: { type: "numeric(12,2) NOT NULL", value: (row) => decimal(row.shippingCents) },
    currency: { type: "char(3) NOT NULL", value: (row) => row.currency },
    payment_status: { type: "varchar(20) NOT NULL", value: (row) => row.paymentStatus },
    fulfillment_date: { type: "timestamptz", value: (row) => instantOrNull(row.fulfilledAt) },
    campaign_id: { type: "integer", value: (row) => row.campaignId },
    created_at: { type: "timestamptz NOT NULL", value: (row) => instant(row.createdAt) },
    updated_at: { type: "timestamptz NOT NULL", value: (row) => instant(row.updatedAt) },
  },
  constraints: [
    { sql: "CHECK (total_amount >= 0)", brokenBy: "negative_total" },
    { sql: "CHECK (fulfillment_date >= order_date)", brokenBy: "fulfilled_too_early" },
    {
      sql: "CHECK (fulfillment_date IS NULL OR order_status <> 'Cancelled')",
      brokenBy: "cancelled_but_fulfilled",
    },
    { sql: "FOREIGN KEY (customer_id) REFERENCES customers", brokenBy: "unknown_customer" },
    { sql: "FOREIGN KEY (campaign_id) REFERENCES marketing_campaigns" },
  ],
  wrongType: { column: "order_date", value: "soon" },
  optional: "billing_address",
};
