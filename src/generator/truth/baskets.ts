/** The KPI of what is bought together. */
import { percent, ratio } from "./exact.ts";
import type { FactOrder } from "./facts.ts";
import { ascending, by, descending } from "./group.ts";
import { kpi } from "./kpi.ts";

/** By name. Definitions: docs/kpis.md. */
export const basketKpis = {
  basket_pairs: kpi({ days: 90, limit: 20 }, ({ counted, today }, { days, limit }) => {
    const orders = counted.filter(({ day, lines }) => day > today - days && day <= today && lines.length > 0);
    const baskets = orders.map(productsOf);
    const single = countBy(baskets, (basket) => basket);
    const ids = [...single.keys()].sort((a, b) => a - b);
    const indexOf = new Map(ids.map((id, index) => [id, index]));
    const pairs = countBy(baskets, (basket) =>
      pairsOf(basket.map((id) => indexOf.get(id) ?? 0)).map(([a, b]) => a * ids.length + b),
    );
    return [...pairs]
      .map(([key, together]) => {
        const product_a = ids[Math.floor(key / ids.length)] ?? 0;
        return { product_a, product_b: ids[key % ids.length] ?? 0, orders: together };
      })
      .sort(mostFrequent)
      .slice(0, limit)
      .map(({ product_a, product_b, orders: together }) => {
        const [withA, withB] = [single.get(product_a) ?? 0, single.get(product_b) ?? 0];
        return {
          product_a,
          product_b,
          orders: together,
          support_percent: percent(together, orders.length),
          confidence_percent: percent(together, withA),
          lift: ratio(together * orders.length, withA * withB, 2),
        };
      });
  }),
};

const mostFrequent = by<{ readonly orders: number; readonly product_a: number; readonly product_b: number }>(
  descending((pair) => pair.orders),
  ascending((pair) => pair.product_a),
  ascending((pair) => pair.product_b),
);

/** The different products of an order, by id. */
function productsOf({ lines }: FactOrder): readonly number[] {
  return [...new Set(lines.map((line) => line.productId))].sort((a, b) => a - b);
}

function pairsOf(basket: readonly number[]): readonly (readonly [number, number])[] {
  return basket.flatMap((a, index) => basket.slice(index + 1).map((b) => [a, b] as const));
}

/** How often each key occurs. */
function countBy<Item>(
  items: readonly Item[],
  keysOf: (item: Item) => readonly number[],
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const item of items) for (const key of keysOf(item)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
