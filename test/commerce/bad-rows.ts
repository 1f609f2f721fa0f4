/** Hand-made rows of the generated shop's tables: a plain row of each, with what a test wants different. */
import type { Client } from "pg";
import { type ShopOptions, shopPlan } from "../../src/generator/plan.ts";
import { copyRows } from "../../src/generator/postgres/copy-rows.ts";
import { simulate } from "../../src/generator/simulate.ts";
import { shopTables } from "../../src/generator/tables/index.ts";
import { pgIdent } from "../../src/util/postgres.ts";

type Row = Readonly<Record<string, unknown>>;

const day = "2024-01-01T12:00:00Z";
const plainRows = {
  customers: {
    first_name: "Ada",
    last_name: "Byron",
    registration_date: day,
    customer_segment: "Regular",
    loyalty_tier: "None",
    account_status: "Active",
    created_at: day,
  },
  products: {
    product_name: "Lamp",
    category: "Home",
    price: "20.00",
    cost: "8.00",
    stock_quantity: 5,
    reorder_level: 1,
    is_active: true,
    created_date: day,
  },
  marketing_campaigns: {
    campaign_name: "Spring",
    channel: "Email",
    start_date: "2024-01-01",
    end_date: "2024-01-31",
    budget: "100.00",
    target_segment: "All",
    impressions: 1000,
    clicks: 100,
    conversions: 10,
    revenue_generated: "250.00",
    created_at: day,
  },
  orders: {
    order_date: day,
    order_status: "Pending",
    payment_method: "Card",
    total_amount: "20.00",
    discount_amount: "0.00",
    tax_amount: "0.00",
    shipping_cost: "0.00",
    currency: "EUR",
    payment_status: "Paid",
    created_at: day,
  },
  order_items: {
    quantity: 1,
    unit_price: "20.00",
    discount_percentage: "0.00",
    line_total: "20.00",
    tax_amount: "0.00",
    return_status: "None",
    created_at: day,
  },
  inventory_transactions: { warehouse_id: 1, transaction_type: "IN", quantity: 5, transaction_date: day },
} as const satisfies Readonly<Record<string, Row>>;

const cursors: Readonly<Record<string, string>> = {
  products: "last_updated",
  inventory_transactions: "created_at",
};

export interface ShopWriter {
  /** Sets the moment of the next write; each write is a second after the one before. */
  at(moment: string): void;
  /** Columns that a row does not name are those of the plain row; customers and products need an id and what is unique. */
  insert(table: keyof typeof plainRows, ...rows: readonly Row[]): Promise<void>;
  /** `UPDATE <table> SET <set> <rest>`, and the cursor moves. */
  update(table: string, set: string, rest?: string): Promise<void>;
  /** All rows of a generated shop; the tables stay as they are. */
  generate(options: ShopOptions): Promise<void>;
}

export function shopWriter(client: Client): ShopWriter {
  let moment = 0;
  const next = () => {
    moment += 1000;
    return new Date(moment).toISOString();
  };
  const cursorOf = (table: string) => cursors[table] ?? "updated_at";
  return {
    at(text) {
      moment = Date.parse(text);
    },
    async insert(table, ...rows) {
      for (const row of rows) {
        const all: Row = { ...plainRows[table], [cursorOf(table)]: next(), ...row };
        const columns = Object.keys(all);
        await client.query(
          `INSERT INTO ${table} (${columns.map(pgIdent).join(", ")}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(", ")})`,
          Object.values(all),
        );
      }
    },
    async update(table, set, rest = "") {
      await client.query(`UPDATE ${table} SET ${set}, ${cursorOf(table)} = '${next()}' ${rest}`);
    },
    async generate(options) {
      for (const table of shopTables(simulate(shopPlan(options))))
        await copyRows(client, { into: table.name, columns: Object.keys(table.columns), rows: table.rows() });
    },
  };
}
