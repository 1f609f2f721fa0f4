/**
 * What happens in the shop, as plain objects: amounts in whole cents, instants in milliseconds since 1970, days as text. The rows of
 * the database are a rendering of these. An object with a `fault` shows what its row shows, wrong value included.
 */
import type { FaultOf } from "./fault-kinds.ts";
import type { ShopPlan } from "./plan.ts";

/** What the shop calls a customer's kind. */
export type Segment = "Premium" | "Regular" | "New";
/** Step of the loyalty programme. */
export type Tier = "Gold" | "Silver" | "Bronze" | "None";
/** Whether a customer may order. */
export type AccountStatus = "Active" | "Inactive" | "Suspended";
/** How far an order has come. */
export type OrderStatus = "Pending" | "Processing" | "Shipped" | "Delivered" | "Cancelled";
/** How far the payment of an order has come. */
export type PaymentStatus = "Pending" | "Paid" | "Failed" | "Refunded";
/** How an order is paid. */
export type PaymentMethod = "Credit Card" | "Debit Card" | "PayPal" | "Bank Transfer";
/** How far the return of a line has come. */
export type ReturnStatus = "None" | "Requested" | "Approved" | "Completed";
/** Into the warehouse, out of it, or a correction after counting. */
export type MoveType = "IN" | "OUT" | "ADJUSTMENT";
/** Where a campaign is seen. */
export type Channel = "EMAIL" | "SMS" | "SOCIAL" | "DISPLAY" | "SEARCH";

/** A row of `customers`. */
export interface Customer {
  /** From 1, in the order of registration. */
  readonly id: number;
  /** Unique, but for customers with the fault `duplicate_email`. */
  readonly email: string;
  /** `firstName` and `lastName` may hold letters beyond ASCII. */
  readonly firstName: string;
  readonly lastName: string;
  /** With the country's prefix; null for one customer in ten. */
  readonly phone: string | null;
  /** A day. */
  readonly birthDate: string | null;
  /** In the future for the fault `future_registration`. */
  readonly registeredAt: number;
  /** `segment` and `tier` may change once. */
  readonly segment: Segment;
  readonly tier: Tier;
  /** Where the customer lives: `country`, `city` and `postalCode` change together, at most once. */
  readonly country: string;
  readonly city: string;
  readonly postalCode: string;
  /** To marketing; null: was not asked. */
  readonly consent: boolean | null;
  /** null before the first time. */
  readonly lastLoginAt: number | null;
  /** May change once. */
  readonly accountStatus: AccountStatus;
  /** `createdAt`: the moment of the registration; `updatedAt`: when the row changed last. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Absent in a good row. */
  readonly fault?: FaultOf<"customers">;
}

/** A row of `products`. */
export interface Product {
  /** From 1, in the order in which products came into the range. */
  readonly id: number;
  /** Brand, style and kind; not unique. */
  readonly name: string;
  /** "SKU-000017": the number with six digits. */
  readonly sku: string;
  /** `category` and `subcategory` are fixed for good. */
  readonly category: string;
  readonly subcategory: string;
  /** One of six. */
  readonly brand: string;
  /** Steps every 150 to 250 days. */
  readonly priceCents: number;
  /** What the shop pays. Below the price, but for the fault `price_below_cost`. */
  readonly costCents: number;
  /** Kept in the own warehouse: `stock` is the sum of the signed moves. Others are shipped by the supplier, and have no moves. */
  readonly tracked: boolean;
  readonly stock: number;
  /** At this number of units more is ordered. */
  readonly reorderLevel: number;
  /** 1 to 40. */
  readonly supplierId: number;
  /** In hundredths. */
  readonly weightKg: number;
  /** "30x20x10": length, width, height. */
  readonly dimensionsCm: string;
  /** False once it is no longer sold. */
  readonly active: boolean;
  /** `createdAt`: when it came into the range; `updatedAt`: when the row changed last, its stock included. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Absent in a good row. */
  readonly fault?: FaultOf<"products">;
}

/** A row of `order_items`. */
export interface OrderLine {
  /** (order - 1) * 7 + 1 and following: each is known without the others. */
  readonly id: number;
  /** The number of the order that the row names. */
  readonly orderId: number;
  /** Names no product for the fault `unknown_product`. */
  readonly productId: number;
  /** 1 to 3; -1 for the fault `negative_quantity`. */
  readonly quantity: number;
  /** The price at the moment of the order. */
  readonly unitPriceCents: number;
  /** 0, 5, 10, 15 or 20. */
  readonly discountPercent: number;
  /** After discount, before tax. */
  readonly totalCents: number;
  /** 8 % of the total. */
  readonly taxCents: number;
  /** About one line in twenty is to come back. */
  readonly returnStatus: ReturnStatus;
  /** When the return was completed. */
  readonly returnedAt: number | null;
  /** `createdAt`: when its order reached the database; `updatedAt`: when the row changed last. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Absent in a good row. */
  readonly fault?: FaultOf<"order_items">;
}

/** A row of `orders`, with its lines. */
export interface Order {
  /** From 1, in the order of placing. */
  readonly id: number;
  /** Names no customer for the fault `unknown_customer`. */
  readonly customerId: number;
  /** In the future for the fault `future_order_date`. */
  readonly orderedAt: number;
  /** As of the end of the plan. */
  readonly status: OrderStatus;
  /** Chosen once. */
  readonly paymentMethod: PaymentMethod;
  /** As of the end of the plan. */
  readonly paymentStatus: PaymentStatus;
  /** One line each: `shippingAddress` is where the customer lived then, `billingAddress` the same for nine orders in ten. */
  readonly shippingAddress: string;
  readonly billingAddress: string;
  /** goods + tax + shipping. */
  readonly totalCents: number;
  /** The lines after discount: the sum of what they cost, whatever a faulty line says. */
  readonly goodsCents: number;
  /** `discountCents` and `taxCents` are those of all lines together. */
  readonly discountCents: number;
  readonly taxCents: number;
  /** 499; 0 from 50.00 of goods on. */
  readonly shippingCents: number;
  /** ISO 4217; the same for all orders. */
  readonly currency: string;
  /** When it was shipped. */
  readonly fulfilledAt: number | null;
  /** No column says it. */
  readonly deliveredAt: number | null;
  /** The campaign that it is attributed to; null for about seven orders in ten. */
  readonly campaignId: number | null;
  /** When it reached the database; later than `orderedAt` by days for a late order. */
  readonly createdAt: number;
  /** When the row changed last. */
  readonly updatedAt: number;
  /** One to seven, by id. */
  readonly lines: readonly OrderLine[];
  /** Absent in a good row. */
  readonly fault?: FaultOf<"orders">;
}

/** A row of `inventory_transactions`. */
export interface Move {
  /** From 1, in the order of time. */
  readonly id: number;
  /** Names no product for the fault `unknown_product`. */
  readonly productId: number;
  /** 1 to 5; the same for all moves of a product. */
  readonly warehouseId: number;
  /** Agrees with the sign of the quantity, but for the fault `wrong_sign`. */
  readonly type: MoveType;
  /** Signed. */
  readonly quantity: number;
  /** When the goods were moved. */
  readonly at: number;
  /** Of a sale or a return; null for other moves. */
  readonly orderId: number | null;
  /** Why: "sale", "replenishment", "cycle count", ... */
  readonly notes: string;
  /** Absent in a good row. */
  readonly fault?: FaultOf<"inventory_transactions">;
}

/** A row of `marketing_campaigns`. */
export interface Campaign {
  /** From 1, in the order of creation. */
  readonly id: number;
  /** Season, channel, segment and number. */
  readonly name: string;
  /** Chosen once. */
  readonly channel: Channel;
  /** A day. */
  readonly startDate: string;
  /** The last day. */
  readonly endDate: string;
  /** For the whole campaign. */
  readonly budgetCents: number;
  /** Only orders of these customers are attributed to it. */
  readonly targetSegment: Segment | "All";
  /** How often it was seen until now. */
  readonly impressions: number;
  /** At most as many, but for the fault `clicks_above_impressions`. */
  readonly clicks: number;
  /** Orders that came from it and were not cancelled. */
  readonly conversions: number;
  /** Goods of those orders, after discount. */
  readonly revenueCents: number;
  /** Percent, in hundredths: (revenue - budget) / budget. */
  readonly roi: number;
  /** `createdAt`: one to fourteen days before it starts; `updatedAt`: when the row changed last. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Absent in a good row. */
  readonly fault?: FaultOf<"marketing_campaigns">;
}

/** The shop as it is at the end of `plan.until`. Every call goes through it from the beginning; nothing is kept but what is listed. */
export interface Simulation {
  /** What shop it is. */
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
