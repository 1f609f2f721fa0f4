/** What is left of a simulated shop after the rules: good rows, with the fields that KPIs need. Days are numbers (days.ts). */
import type { Campaign, MoveType, Order, Product } from "../simulation.ts";
import type { Verdicts } from "./judge.ts";

export interface FactCustomer {
  readonly id: number;
  readonly segment: string;
  readonly country: string;
  readonly registeredOn: number;
}

export interface FactProduct extends Pick<Product, "id" | "name" | "priceCents" | "costCents" | "stock"> {
  readonly category: string;
  readonly reorderLevel: number;
  readonly active: boolean;
}

export interface FactLine {
  readonly productId: number;
  /** Undefined when the products table has no such product. */
  readonly product: FactProduct | undefined;
  readonly quantity: number;
  readonly grossCents: number;
  readonly revenueCents: number;
  readonly returned: boolean;
  readonly returnedOn: number | null;
}

export interface FactOrder
  extends Pick<Order, "id" | "customerId" | "status" | "paymentMethod" | "paymentStatus" | "currency"> {
  readonly orderedAt: number;
  readonly day: number;
  /** Neither cancelled nor with a failed payment. */
  readonly counted: boolean;
  readonly totalCents: number;
  /** Goods after discount: total less tax and shipping. */
  readonly netCents: number;
  readonly fulfilledAt: number | null;
  readonly campaignId: number | null;
  readonly lines: readonly FactLine[];
}

export interface FactMove {
  readonly day: number;
  readonly type: MoveType;
  /** Signed. */
  readonly quantity: number;
}

/** A product with at least one good move. */
export interface Stock {
  readonly product: FactProduct;
  /** By day. */
  readonly moves: readonly FactMove[];
}

export interface Facts {
  readonly customers: ReadonlyMap<number, FactCustomer>;
  readonly products: ReadonlyMap<number, FactProduct>;
  /** Of all currencies, by id. */
  readonly orders: readonly FactOrder[];
  readonly stocks: readonly Stock[];
  /** The last day on which a product moved; null when none ever did. */
  readonly lastInventoryDay: number | null;
  readonly campaigns: ReadonlyMap<number, Campaign>;
  readonly verdicts: Verdicts;
}
