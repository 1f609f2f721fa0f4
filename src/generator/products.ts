import { faultOf } from "./faults.ts";
import { day, type ShopPlan } from "./options.ts";
import { random } from "./random.ts";
import { amount, type TableOf } from "./table.ts";
import { brands, catalogue, styles } from "./words.ts";

export interface Product {
  readonly product_id: number;
  readonly product_name: string;
  readonly sku: string;
  readonly category: string;
  readonly subcategory: string;
  readonly brand: string;
  readonly price: string;
  readonly cost: string;
  readonly stock_quantity: number;
  readonly reorder_level: number;
  readonly supplier_id: number;
  readonly weight_kg: string;
  readonly dimensions_cm: string;
  readonly is_active: boolean;
  readonly created_date: Date;
  readonly last_updated: Date;
}

export function productsTable(plan: ShopPlan): TableOf<Product> {
  return {
    name: "products",
    key: "product_id",
    columns: {
      product_id: "integer NOT NULL",
      product_name: "varchar(255) NOT NULL",
      sku: "varchar(50) NOT NULL UNIQUE",
      category: "varchar(100) NOT NULL",
      subcategory: "varchar(100)",
      brand: "varchar(100)",
      price: "numeric(10,2) NOT NULL CHECK (price >= 0)",
      cost: "numeric(10,2) NOT NULL CHECK (cost >= 0)",
      stock_quantity: "integer NOT NULL CHECK (stock_quantity >= 0)",
      reorder_level: "integer NOT NULL",
      supplier_id: "integer",
      weight_kg: "numeric(8,2)",
      dimensions_cm: "varchar(50)",
      is_active: "boolean NOT NULL",
      created_date: "timestamptz NOT NULL",
      last_updated: "timestamptz NOT NULL",
    },
    constraints: [],
    *rows() {
      for (let id = 1; id <= plan.products; id++) yield product(plan, id);
    },
  };
}

/** Price in cents: 4.99 to about 300, most of them small. The same that `product` shows. */
export function priceOf(plan: ShopPlan, id: number): number {
  const r = random(plan.seed, "prices", id);
  return Math.round(4 + 296 * r.next() ** 3) * 100 + 99;
}

function product(plan: ShopPlan, id: number): Product {
  const r = random(plan.seed, "products", id);
  const fault = faultOf(plan, "products", id, plan.products);
  const [category, [subcategory, kinds]] = r.pick(catalogue);
  const brand = r.pick(brands);
  const price = priceOf(plan, id);
  const created = plan.start - r.int(1, 700) * day;
  const share = fault === "price_below_cost" ? 1.2 : 0.4 + 0.3 * r.next();
  return {
    product_id: id,
    product_name: `${brand} ${r.pick(styles)} ${r.pick(kinds)}`,
    sku: `SKU-${String(id).padStart(6, "0")}`,
    category,
    subcategory,
    brand,
    price: amount(price),
    cost: amount(Math.round(price * share)),
    stock_quantity: r.chance(0.05) ? 0 : r.int(1, 500),
    reorder_level: r.int(10, 50),
    supplier_id: r.int(1, 40),
    weight_kg: amount(r.int(5, 2500)),
    dimensions_cm: `${r.int(5, 90)}x${r.int(5, 60)}x${r.int(2, 40)}`,
    is_active: r.chance(0.95),
    created_date: new Date(created),
    last_updated: new Date(created + Math.floor(r.next() * (plan.until.getTime() - created))),
  };
}
