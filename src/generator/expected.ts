import { rowsThrough } from "./growth.ts";
import type { ShopPlan } from "./plan.ts";
import { openWorld } from "./world.ts";

/** About how many rows each table of a whole shop has; exact to a few for all but items and moves. For progress. */
export function expectedRows(plan: ShopPlan): Readonly<Record<string, number>> {
  const world = openWorld(plan);
  const orders = rowsThrough(world.orders, world.lastDay);
  return {
    customers: rowsThrough(world.customers, world.lastDay),
    products: rowsThrough(world.products, world.lastDay),
    marketing_campaigns: rowsThrough(world.campaigns, world.lastDay),
    orders,
    order_items: orders * 3,
    inventory_transactions: Math.round(orders * 0.4),
  };
}
