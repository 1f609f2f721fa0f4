/** How many rows the datasets of the commerce project have. */
import type { Facts } from "./facts.ts";
import { groupBy, sumOf } from "./group.ts";

/** By dataset: "silver.orders", "gold.dim_customers". History is not counted: dim_customers has its current rows only. */
export function rowCounts(facts: Facts): Readonly<Record<string, number>> {
  const { good } = facts.verdicts;
  return {
    ...Object.fromEntries(Object.entries(good).map(([table, rows]) => [`silver.${table}`, rows])),
    "gold.dim_customers": good.customers,
    "gold.dim_products": good.products,
    "gold.fact_customer_orders": good.orders,
    "gold.fact_order_lines": sumOf(facts.orders, (order) => order.lines.length),
    "gold.fact_daily_sales": dailySales(facts),
    "gold.agg_campaign_performance": good.marketing_campaigns,
    "gold.agg_inventory_status": good.products,
    "gold.inventory_daily": inventoryDays(facts),
  };
}

/** One row for each day, category and currency with a sale line or a return. */
function dailySales({ orders }: Facts): number {
  const counted = orders.filter((order) => order.counted);
  return sumOf(groupBy(counted, (order) => order.currency).values(), (own) => {
    const categories = new Map<number, Set<string>>();
    for (const { day, lines } of own)
      for (const { product, returnedOn } of lines)
        for (const on of returnedOn === null ? [day] : [day, returnedOn]) {
          const known = categories.get(on) ?? new Set();
          categories.set(on, known.add(product?.category ?? "Unknown"));
        }
    return sumOf(categories.values(), (known) => known.size);
  });
}

/** One row for each product that moved and each day from its first move to the last day on which any product moved. */
function inventoryDays({ stocks, lastInventoryDay }: Facts): number {
  return sumOf(stocks, ({ moves: [first] }) =>
    first === undefined || lastInventoryDay === null ? 0 : lastInventoryDay - first.day + 1,
  );
}
