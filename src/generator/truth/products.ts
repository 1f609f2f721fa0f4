/** KPIs of what is sold. */
import { money, moneyPer, percent } from "./exact.ts";
import { ascending, by, descending, groupBy, sumOf } from "./group.ts";
import { kpi } from "./kpi.ts";
import { netSales, salesColumns } from "./sales.ts";
import { type LineSums, type ProductSales, sumLinesBy } from "./shop.ts";

/** By name. Definitions: docs/kpis.md. */
export const productKpis = {
  top_categories: kpi({ limit: 10 }, ({ productSales }, { limit }) => {
    const total = sumOf(productSales, netSales);
    return [...groupBy(productSales, ({ category }) => category)]
      .map(([category, products]) => ({ category, ...added(products) }))
      .sort(
        by(
          descending((sums) => netSales(sums)),
          ascending((sums) => sums.category),
        ),
      )
      .slice(0, limit)
      .map(({ category, ...sums }) => ({
        category,
        ...salesColumns(sums),
        share_percent: percent(netSales(sums), total),
      }));
  }),

  top_products: kpi({ limit: 20 }, ({ productSales }, { limit }) =>
    [...productSales]
      .sort(bestSellers)
      .slice(0, limit)
      .map(({ productId, name, category, ...sums }) => ({
        product_id: productId,
        product_name: name,
        category,
        ...salesColumns(sums),
      })),
  ),

  products_by_category: kpi({}, ({ products }) =>
    [...groupBy(products.values(), categoryOf)]
      .map(([category, own]) => {
        const active = own.filter((product) => product.active).length;
        const prices = own.map((product) => product.priceCents);
        return {
          category,
          products: own.length,
          active_products: active,
          inactive_products: own.length - active,
          average_price: moneyPer(
            sumOf(prices, (price) => price),
            own.length,
          ),
          lowest_price: money(prices.reduce((a, b) => Math.min(a, b))),
          highest_price: money(prices.reduce((a, b) => Math.max(a, b))),
        };
      })
      .sort(
        by(
          descending((row) => row.products),
          ascending((row) => row.category),
        ),
      ),
  ),

  low_stock: kpi({ limit: 50 }, ({ products }, { limit }) =>
    [...products.values()]
      .filter(({ active, stock, reorderLevel }) => active && stock <= reorderLevel)
      .sort(
        by(
          ascending((product) => product.stock),
          ascending((product) => product.id),
        ),
      )
      .slice(0, limit)
      .map(({ id, name, category, stock, reorderLevel }) => ({
        product_id: id,
        product_name: name,
        category,
        current_stock: stock,
        reorder_level: reorderLevel,
        stock_status: stock <= 0 ? "Out of Stock" : "Low Stock",
      })),
  ),

  abc_classes: kpi({}, ({ productSales }) => {
    const total = sumOf(productSales, netSales);
    let before = 0;
    const classed = [...productSales].sort(bestSellers).map((sales) => {
      const name = before * 100 < total * 80 ? "A" : before * 100 < total * 95 ? "B" : "C";
      before += netSales(sales);
      return { name, net: netSales(sales) };
    });
    return [...groupBy(classed, ({ name }) => name)]
      .map(([name, own]) => {
        const net = sumOf(own, (product) => product.net);
        return {
          class: name,
          products: own.length,
          net_sales: money(net),
          share_percent: percent(net, total),
        };
      })
      .sort(ascending((row) => row.class));
  }),

  return_rate: kpi({ mature_days: 30 }, ({ counted, today }, { mature_days }) => {
    const mature = counted.filter((order) => order.day <= today - mature_days);
    const categories = sumLinesBy(mature, (line) => line.product?.category ?? "Unknown");
    return [...categories]
      .map(([category, sums]) => ({
        category,
        units_sold: sums.units,
        units_returned: sums.returnedUnits,
        return_percent: percent(sums.returnedUnits, sums.units),
        value_return_percent: percent(sums.returnsCents, sums.revenueCents),
      }))
      .sort(ascending(categoryOf));
  }),
};

const bestSellers = by<ProductSales>(
  descending(netSales),
  ascending((product) => product.productId),
);

function categoryOf({ category }: { readonly category: string }): string {
  return category;
}

function added(products: readonly ProductSales[]): LineSums {
  return {
    units: sumOf(products, (product) => product.units),
    grossCents: sumOf(products, (product) => product.grossCents),
    revenueCents: sumOf(products, (product) => product.revenueCents),
    returnedUnits: sumOf(products, (product) => product.returnedUnits),
    returnsCents: sumOf(products, (product) => product.returnsCents),
  };
}
