import type { Move } from "../simulation.ts";
import { instant, type Table } from "./table.ts";

/** One row a move of goods; rows never change. */
export const inventoryTable: Table<Move> = {
  name: "inventory_transactions",
  key: "transaction_id",
  cursor: "created_at",
  columns: {
    transaction_id: { type: "bigint NOT NULL", value: (row) => row.id },
    product_id: { type: "integer NOT NULL", value: (row) => row.productId },
    warehouse_id: { type: "integer NOT NULL", value: (row) => row.warehouseId },
    transaction_type: { type: "varchar(20) NOT NULL", value: (row) => row.type },
    quantity: { type: "integer NOT NULL", value: (row) => row.quantity },
    transaction_date: { type: "timestamptz NOT NULL", value: (row) => instant(row.at) },
    reference_order_id: { type: "bigint", value: (row) => row.orderId },
    notes: { type: "text", value: (row) => row.notes },
    created_at: { type: "timestamptz NOT NULL", value: (row) => instant(row.at) },
  },
  constraints: [
    {
      sql: "CHECK (transaction_type = 'ADJUSTMENT' OR (transaction_type = 'IN') = (quantity > 0))",
      brokenBy: "wrong_sign",
    },
    { sql: "FOREIGN KEY (product_id) REFERENCES products", brokenBy: "unknown_product" },
    { sql: "FOREIGN KEY (reference_order_id) REFERENCES orders" },
  ],
  wrongType: { column: "quantity", value: "1O" },
  optional: "notes",
};
