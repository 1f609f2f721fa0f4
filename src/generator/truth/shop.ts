/** The facts of one currency as of a day, and what several KPIs derive from them. */
import type { Campaign } from "../simulation.ts";
import type { FactCustomer, FactLine, FactOrder, FactProduct, Facts, Stock } from "./facts.ts";
import { groupBy, sumOf } from "./group.ts";

/** What KPIs are computed from. */
export interface Shop {
  /** A day, as a number. */
  readonly today: number;
  /** Good ones, by id. */
  readonly customers: ReadonlyMap<number, FactCustomer>;
  /** Good ones, by id. */
  readonly products: ReadonlyMap<number, FactProduct>;
  /** Good orders of the currency. */
  readonly orders: readonly FactOrder[];
  /** Those that are neither cancelled nor failed to be paid. */
  readonly counted: readonly FactOrder[];
  /** Customers of counted orders, known or not. */
  readonly buyers: readonly Buyer[];
  /** Products of sale lines, known or not. */
  readonly productSales: readonly ProductSales[];
  /** Products that have moved. */
  readonly stocks: readonly Stock[];
  /** The last day on which a product moved; null when none ever did. */
  readonly lastInventoryDay: number | null;
  /** Good ones, by id. */
  readonly campaigns: ReadonlyMap<number, Campaign>;
}

/** Somebody with at least one counted order. */
export interface Buyer {
  /** Of the customer, also when there is no such row. */
  readonly id: number;
  /** "Unknown" for one who is no good customer. */
  readonly segment: string;
  /** "Unknown" for one who is no good customer. */
  readonly country: string;
  /** Whether there is a good row of `customers`. */
  readonly isCustomer: boolean;
  /** Counted orders, the earliest first; at least one. */
  readonly orders: readonly FactOrder[];
  /** The earliest order. */
  readonly first: FactOrder;
  /** Goods after discount, of all orders together. */
  readonly spendCents: number;
}

/** Sums over lines. */
export interface LineSums {
  /** Quantities together. */
  readonly units: number;
  /** Before discount. */
  readonly grossCents: number;
  /** After discount. */
  readonly revenueCents: number;
  /** Of those, units that came back. */
  readonly returnedUnits: number;
  /** Revenue of the returned ones. */
  readonly returnsCents: number;
}

/** Sums over the sale lines of one product. */
export interface ProductSales extends LineSums {
  /** As the lines say it. */
  readonly productId: number;
  /** "Unknown" for one that the products table does not have; so is its category. */
  readonly name: string;
  /** As its row says it now. */
  readonly category: string;
}

/** `currency`: ISO 4217. `today`: a day, as a number. */
export function shopOf(facts: Facts, currency: string, today: number): Shop {
  const { customers, products, stocks, lastInventoryDay, campaigns } = facts;
  const orders = facts.orders.filter((order) => order.currency === currency);
  const counted = orders.filter((order) => order.counted);
  return {
    today,
    customers,
    products,
    orders,
    counted,
    buyers: buyersOf(counted, customers),
    productSales: productSalesOf(counted, products),
    stocks,
    lastInventoryDay,
    campaigns,
  };
}

/** Sums over the lines of orders, by a key of the line. */
export function sumLinesBy<Key>(
  orders: Iterable<FactOrder>,
  keyOf: (line: FactLine) => Key,
): ReadonlyMap<Key, LineSums> {
  const groups = new Map<Key, MutableLineSums>();
  for (const { lines } of orders)
    for (const line of lines) {
      const key = keyOf(line);
      const known = groups.get(key);
      const sums = known ?? noLines();
      if (known === undefined) groups.set(key, sums);
      sums.units += line.quantity;
      sums.grossCents += line.grossCents;
      sums.revenueCents += line.revenueCents;
      if (line.returned) sums.returnedUnits += line.quantity;
      if (line.returned) sums.returnsCents += line.revenueCents;
    }
  return groups;
}

/** Sums over all lines of orders. */
export function sumLines(orders: Iterable<FactOrder>): LineSums {
  return sumLinesBy(orders, () => "all").get("all") ?? noLines();
}

function buyersOf(
  counted: readonly FactOrder[],
  customers: ReadonlyMap<number, FactCustomer>,
): readonly Buyer[] {
  return [...groupBy(counted, (order) => order.customerId)].flatMap(([id, own]) => {
    const orders = own.sort((a, b) => a.orderedAt - b.orderedAt || a.id - b.id);
    const [first] = orders;
    if (first === undefined) return [];
    const { segment, country } = customers.get(id) ?? { segment: "Unknown", country: "Unknown" };
    const spendCents = sumOf(orders, (order) => order.netCents);
    return [{ id, segment, country, isCustomer: customers.has(id), orders, first, spendCents }];
  });
}

function productSalesOf(
  counted: readonly FactOrder[],
  products: ReadonlyMap<number, FactProduct>,
): readonly ProductSales[] {
  return [...sumLinesBy(counted, (line) => line.productId)].map(([productId, sums]) => {
    const { name, category } = products.get(productId) ?? { name: "Unknown", category: "Unknown" };
    return { productId, name, category, ...sums };
  });
}

type MutableLineSums = { -readonly [Name in keyof LineSums]: number };

function noLines(): MutableLineSums {
  return { units: 0, grossCents: 0, revenueCents: 0, returnedUnits: 0, returnsCents: 0 };
}
