/** A whole shop: tables that fit together, the same for the same seed. */
import { customersTable } from "./customers.ts";
import { type FaultyTable, faultKinds, faultOf } from "./faults.ts";
import { type ShopOptions, type ShopPlan, shopPlan } from "./options.ts";
import { orderItemsTable, ordersTable } from "./orders.ts";
import { productsTable } from "./products.ts";
import type { GeneratedTable } from "./table.ts";

export interface Shop {
  readonly plan: ShopPlan;
  /** In an order in which every table comes after those it refers to. */
  readonly tables: readonly GeneratedTable[];
  /** How many rows have each fault: { "orders.negative_total": 10, ... }. */
  readonly faults: Readonly<Record<string, number>>;
}

/** Makes no rows yet: `tables[i].rows()` makes them one at a time, in memory that does not grow with their number. */
export function generateShop(options: ShopOptions): Shop {
  const plan = shopPlan(options);
  return {
    plan,
    tables: [customersTable(plan), productsTable(plan), ordersTable(plan), orderItemsTable(plan)],
    faults: countFaults(plan),
  };
}

function countFaults(plan: ShopPlan): Record<string, number> {
  const counts: Record<string, number> = {};
  // An item's fault goes by its order's number: each order has at least one item.
  const sizes = {
    customers: plan.customers,
    products: plan.products,
    orders: plan.orders,
    order_items: plan.orders,
  };
  for (const table of Object.keys(faultKinds) as FaultyTable[])
    for (let id = 1; id <= sizes[table]; id++) {
      const kind = faultOf(plan, table, id, sizes[table]);
      if (kind !== undefined) counts[`${table}.${kind}`] = (counts[`${table}.${kind}`] ?? 0) + 1;
    }
  return counts;
}
