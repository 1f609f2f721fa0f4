import type { Product } from "../simulation.ts";
import { decimal, instant, type Table } from "./table.ts";

/** One row a product, active or not. */
export const productsTable: Table<Product> = {
  name: "products",
  key: "product_id",
  cursor: "last_updated",
  columns: {
    product_id: { type: "integer NOT NULL", value: (row) => row.id },
    product_name: { type: "varchar(255) NOT NULL", value: (row) => row.name },
    sku: { type: "varchar(50) NOT NULL", value: (row) => row.sku },
    category: { type: "varchar(100) NOT NULL", value: (row) => row.category },
    subcategory: { type: "varchar(100)", value: (row) => row.subcategory },
    brand: { type: "varchar(100)", value: (row) => row.brand },
    price: { type: "numeric(10,2) NOT NULL", value: (row) => decimal(row.priceCents) },
    cost: { type: "numeric(10,2) NOT NULL", value: (row) => decimal(row.costCents) },
    stock_quantity: { type: "integer NOT NULL", value: (row) => row.stock },
    reorder_level: { type: "integer NOT NULL", value: (row) => row.reorderLevel },
    supplier_id: { type: "integer", value: (row) => row.supplierId },
    weight_kg: { type: "numeric(8,2)", value: (row) => decimal(row.weightKg) },
    dimensions_cm: { type: "varchar(50)", value: (row) => row.dimensionsCm },
    is_active: { type: "boolean NOT NULL", value: (row) => row.active },
    created_date: { type: "timestamptz NOT NULL", value: (row) => instant(row.createdAt) },
    last_updated: { type: "timestamptz NOT NULL", value: (row) => instant(row.updatedAt) },
  },
  constraints: [
    { sql: "UNIQUE (sku)" },
    { sql: "CHECK (price >= 0)" },
    { sql: "CHECK (cost >= 0)" },
    { sql: "CHECK (stock_quantity >= 0)" },
    { sql: "CHECK (price >= cost)", brokenBy: "price_below_cost" },
  ],
  wrongType: { column: "price", value: "12,5O" },
  optional: "weight_kg",
};
