/** What is left of a simulated shop after the rules: good rows, with the fields that KPIs need. Days are numbers (days.ts). */
import type { Campaign, MoveType, Order, Product } from "../simulation.ts";
import type { Verdicts } from "./judge.ts";

/** A good row of `customers`. */
export interface FactCustomer {
  /** Of the row. */
  readonly id: number;
  /** As the row says it. */
  readonly segment: string;
  /** As the row says it. */
  readonly country: string;
  /** Day in the reporting timezone. */
  readonly registeredOn: number;
}

/** A good row of `products`. */
export interface FactProduct extends Pick<Product, "id" | "name" | "priceCents" | "costCents" | "stock"> {
  /** As the row says it. */
  readonly category: string;
  /** Units. */
  readonly reorderLevel: number;
  /** Whether it is still sold. */
  readonly active: boolean;
}

/** A good row of `order_items` that belongs to a good order. */
export interface FactLine {
  /** Of the row, also when there is no such product. */
  readonly productId: number;
  /** Undefined when the products table has no such product. */
  readonly product: FactProduct | undefined;
  /** Units. */
  readonly quantity: number;
  /** Before discount, before tax. */
  readonly grossCents: number;
  /** After discount, before tax. */
  readonly revenueCents: number;
  /** Whether its return was completed. */
  readonly returned: boolean;
  /** Day of that in the reporting timezone; null without a return. */
  readonly returnedOn: number | null;
}

/** A good row of `orders` with its good lines. */
export interface FactOrder
  extends Pick<Order, "id" | "customerId" | "status" | "paymentMethod" | "paymentStatus" | "currency"> {
  /** Milliseconds since 1970. */
  readonly orderedAt: number;
  /** Of the order, in the reporting timezone. */
  readonly day: number;
  /** Neither cancelled nor with a failed payment. */
  readonly counted: boolean;
  /** Goods, tax and shipping. */
  readonly totalCents: number;
  /** Goods after discount: total less tax and shipping. */
  readonly netCents: number;
  /** Milliseconds since 1970; null before it was shipped. */
  readonly fulfilledAt: number | null;
  /** null: attributed to none. */
  readonly campaignId: number | null;
  /** By id. */
  readonly lines: readonly FactLine[];
}

/** A good row of `inventory_transactions`. */
export interface FactMove {
  /** In the reporting timezone. */
  readonly day: number;
  /** As the row says it. */
  readonly type: MoveType;
  /** Signed. */
  readonly quantity: number;
}

/** A product with at least one good move. */
export interface Stock {
  /** As its row says it now. */
  readonly product: FactProduct;
  /** By day. */
  readonly moves: readonly FactMove[];
}

/** All good rows of the shop. */
export interface Facts {
  /** By id. */
  readonly customers: ReadonlyMap<number, FactCustomer>;
  /** By id. */
  readonly products: ReadonlyMap<number, FactProduct>;
  /** Of all currencies, by id. */
  readonly orders: readonly FactOrder[];
  /** In the order of their first moves. */
  readonly stocks: readonly Stock[];
  /** The last day on which a product moved; null when none ever did. */
  readonly lastInventoryDay: number | null;
  /** By id. */
  readonly campaigns: ReadonlyMap<number, Campaign>;
  /** What became of the other rows. */
  readonly verdicts: Verdicts;
}
