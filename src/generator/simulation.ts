/**
 * What happens in the shop, as plain objects: amounts in whole cents, instants in milliseconds since 1970, days as text. The rows of
 * the database are a rendering of these. An object with a `fault` shows what its row shows, wrong value included.
 */
import type { FaultOf } from "./fault-kinds.ts";
import type { ShopPlan } from "./plan.ts";

export type Segment = "Premium" | "Regular" | "New";
export type Tier = "Gold" | "Silver" | "Bronze" | "None";
export type AccountStatus = "Active" | "Inactive" | "Suspended";
export type OrderStatus = "Pending" | "Processing" | "Shipped" | "Delivered" | "Cancelled";
export type PaymentStatus = "Pending" | "Paid" | "Failed" | "Refunded";
export type PaymentMethod = "Credit Card" | "Debit Card" | "PayPal" | "Bank Transfer";
export type ReturnStatus = "None" | "Requested" | "Approved" | "Completed";
export type MoveType = "IN" | "OUT" | "ADJUSTMENT";
export type Channel = "EMAIL" | "SMS" | "SOCIAL" | "DISPLAY" | "SEARCH";

export interface Customer {
  readonly id: number;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly phone: string | null;
  /** A day. */
  readonly birthDate: string | null;
  readonly registeredAt: number;
  readonly segment: Segment;
  readonly tier: Tier;
  readonly country: string;
  readonly city: string;
  readonly postalCode: string;
  readonly consent: boolean | null;
  readonly lastLoginAt: number | null;
  readonly accountStatus: AccountStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly fault?: FaultOf<"customers">;
}

export interface Product {
  readonly id: number;
  readonly name: string;
  readonly sku: string;
  readonly category: string;
  readonly subcategory: string;
  readonly brand: string;
  readonly priceCents: number;
  readonly costCents: number;
  /** Kept in the own warehouse: `stock` is the sum of the signed moves. Others are shipped by the supplier, and have no moves. */
  readonly tracked: boolean;
  readonly stock: number;
  readonly reorderLevel: number;
  readonly supplierId: number;
  /** In hundredths. */
  readonly weightKg: number;
  readonly dimensionsCm: string;
  readonly active: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly fault?: FaultOf<"products">;
}

export interface OrderLine {
  readonly id: number;
  /** The number of the order that the row names. */
  readonly orderId: number;
  readonly productId: number;
  readonly quantity: number;
  readonly unitPriceCents: number;
  /** 0, 5, 10, 15 or 20. */
  readonly discountPercent: number;
  /** After discount, before tax. */
  readonly totalCents: number;
  readonly taxCents: number;
  readonly returnStatus: ReturnStatus;
  /** When the return was completed. */
  readonly returnedAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly fault?: FaultOf<"order_items">;
}

export interface Order {
  readonly id: number;
  readonly customerId: number;
  readonly orderedAt: number;
  readonly status: OrderStatus;
  readonly paymentMethod: PaymentMethod;
  readonly paymentStatus: PaymentStatus;
  readonly shippingAddress: string;
  readonly billingAddress: string;
  /** goods + tax + shipping. */
  readonly totalCents: number;
  /** The lines after discount: the sum of what they cost, whatever a faulty line says. */
  readonly goodsCents: number;
  readonly discountCents: number;
  readonly taxCents: number;
  readonly shippingCents: number;
  readonly currency: string;
  /** When it was shipped. */
  readonly fulfilledAt: number | null;
  /** No column says it. */
  readonly deliveredAt: number | null;
  readonly campaignId: number | null;
  /** When it reached the database; later than `orderedAt` by days for a late order. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly lines: readonly OrderLine[];
  readonly fault?: FaultOf<"orders">;
}

export interface Move {
  readonly id: number;
  readonly productId: number;
  readonly warehouseId: number;
  readonly type: MoveType;
  /** Signed. */
  readonly quantity: number;
  readonly at: number;
  readonly orderId: number | null;
  readonly notes: string;
  readonly fault?: FaultOf<"inventory_transactions">;
}

export interface Campaign {
  readonly id: number;
  readonly name: string;
  readonly channel: Channel;
  /** A day. */
  readonly startDate: string;
  /** The last day. */
  readonly endDate: string;
  readonly budgetCents: number;
  readonly targetSegment: Segment | "All";
  readonly impressions: number;
  readonly clicks: number;
  readonly conversions: number;
  readonly revenueCents: number;
  /** Percent, in hundredths: (revenue - budget) / budget. */
  readonly roi: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly fault?: FaultOf<"marketing_campaigns">;
}

/** The shop as it is at the end of `plan.until`. Every call goes through it from the beginning; nothing is kept but what is listed. */
export interface Simulation {
  readonly plan: ShopPlan;
  /** Rows that were written before this moment are left out; -Infinity in a whole shop. */
  readonly since: number;
  /** By id. */
  customers(): Iterable<Customer>;
  /** By id. */
  products(): Iterable<Product>;
  /** By id, which is the order of placing; those that have reached the database. */
  orders(): Iterable<Order>;
  /** By id, which is the order in time. */
  moves(): Iterable<Move>;
  /** By id. */
  campaigns(): Iterable<Campaign>;
}

/** A simulation that can leave out what a table does not need. */
export interface TableSimulation extends Simulation {
  /** The lines of the orders without the orders, by id. Of one day: only those that were written on it. */
  lines(): Iterable<OrderLine>;
}
