import type { OrderLine } from "../simulation.ts";
import { decimal, instant, instantOrNull, type Table } from "./table.ts";

/** One row a line of an order. */
export const orderItemsTable: Table<OrderLine> = {
  name: "order_items",
  key: "order_item_id",
  cursor: "updated_at",
  columns: {
    order_item_id: { type: "bigint NOT NULL", value: (row) => row.id },
    order_id: { type: "bigint NOT NULL", value: (row) => row.orderId },
    product_id: { type: "integer NOT NULL", value: (row) => row.productId },
    quantity: { type: "integer NOT NULL", value: (row) => row.quantity },
    unit_price: { type: "numeric(10,2) NOT NULL", value: (row) => decimal(row.unitPriceCents) },
    discount_percentage: { type: "numeric(5,2) NOT NULL", value: (row) => `${row.discountPercent}.00` },
    line_total: { type: "numeric(12,2) NOT NULL", value: (row) => decimal(row.totalCents) },
    tax_amount: { type: "numeric(12,2) NOT NULL", value: (row) => decimal(row.taxCents) },
    return_status: { type: "varchar(20) NOT NULL", value: (row) => row.returnStatus },
    returned_at: { type: "timestamptz", value: (row) => instantOrNull(row.returnedAt) },
    created_at: { type: "timestamptz NOT NULL", value: (row) => instant(row.createdAt) },
    updated_at: { type: "timestamptz NOT NULL", value: (row) => instant(row.updatedAt) },
  },
  constraints: [
    { sql: "CHECK (unit_price >= 0)" },
    { sql: "CHECK (discount_percentage BETWEEN 0 AND 100)" },
    { sql: "CHECK (quantity > 0)", brokenBy: "negative_quantity" },
    { sql: "FOREIGN KEY (order_id) REFERENCES orders", brokenBy: "unknown_order" },
    { sql: "FOREIGN KEY (product_id) REFERENCES products", brokenBy: "unknown_product" },
  ],
  wrongType: { column: "quantity", value: "two" },
  optional: "returned_at",
};
