/** What happens to an order, and when. Moments that do not come are Infinity. */
import type { FaultOf } from "../fault-kinds.ts";
import { day } from "../plan.ts";
import { type Choices, random } from "../random.ts";
import type { OrderStatus, PaymentMethod, PaymentStatus } from "../simulation.ts";
import type { World } from "../world.ts";

/** Milliseconds since 1970, each later than what must come before it. */
export interface OrderLife {
  /** How it is paid. */
  readonly method: PaymentMethod;
  /** When it reached the database. */
  readonly arrived: number;
  /** When the money came. */
  readonly paid: number;
  /** When the payment was refused; such an order is cancelled later. */
  readonly paymentFailed: number;
  /** When somebody began to pack it. */
  readonly processing: number;
  /** When it left the warehouse. */
  readonly shipped: number;
  /** When it reached the customer. */
  readonly delivered: number;
  /** Never after it was shipped. */
  readonly cancelled: number;
  /** Of a cancelled order that was paid; that of returned goods depends on the lines. */
  readonly refunded: number;
}

const never = Number.POSITIVE_INFINITY;
const hour = 3_600_000;

const methods: Choices<PaymentMethod> = [
  ["Credit Card", 45],
  ["PayPal", 30],
  ["Debit Card", 15],
  ["Bank Transfer", 10],
];

/** Of all orders: 3 % are cancelled because the payment failed, 2 % for other reasons; 0.5 % arrive 1 to 5 days late. */
export function orderLife(world: World, id: number, placed: number, fault?: FaultOf<"orders">): OrderLife {
  const r = random(world.keys.life, id);
  const method = r.weighted(methods);
  const chance = r.next();
  const late = r.chance(0.005) && id > 1 && fault === undefined;
  const arrived = placed + (late ? r.int(day, 5 * day) : 0);
  const asked = arrived + (method === "Bank Transfer" ? r.int(2 * hour, 18 * hour) : r.int(20_000, hour / 2));
  if (fault === "cancelled_but_fulfilled")
    return failed(method, arrived, { asked: arrived, cancelled: arrived });
  if (fault === undefined && chance < 0.03)
    return failed(method, arrived, { asked, cancelled: asked + r.int(hour, 20 * hour) });
  const processing = asked + r.int(hour / 2, 4 * hour);
  // Not before the second day, so that paying and handling come first; a late order has arrived by then.
  const shipped = Math.max(placed + r.int(day, 7 * day), arrived + day);
  const stopped = fault === undefined && chance < 0.05;
  const cancelled = stopped ? asked + Math.floor((shipped - asked) * 0.9 * r.next()) : never;
  return {
    method,
    arrived,
    paid: asked,
    paymentFailed: never,
    processing: processing < cancelled ? processing : never,
    shipped: stopped ? never : shipped,
    delivered: stopped ? never : shipped + r.int(day, 4 * day),
    cancelled,
    refunded: stopped ? cancelled + r.int(hour, 2 * day) : never,
  };
}

function failed(
  method: PaymentMethod,
  arrived: number,
  { asked, cancelled }: { readonly asked: number; readonly cancelled: number },
): OrderLife {
  return {
    method,
    arrived,
    paid: never,
    paymentFailed: asked,
    processing: never,
    shipped: never,
    delivered: never,
    cancelled,
    refunded: never,
  };
}

/** What the row says of the order before `end`. */
export function statusAt(life: OrderLife, end: number): OrderStatus {
  if (life.cancelled < end) return "Cancelled";
  if (life.delivered < end) return "Delivered";
  if (life.shipped < end) return "Shipped";
  return life.processing < end ? "Processing" : "Pending";
}

/** What the row says of the payment before `end`; `refunded` also counts returned goods. */
export function paymentAt(life: OrderLife, refunded: number, end: number): PaymentStatus {
  if (refunded < end) return "Refunded";
  if (life.paid < end) return "Paid";
  return life.paymentFailed < end ? "Failed" : "Pending";
}

/** The latest of the moments that have come. */
export function lastBefore(end: number, moments: readonly number[]): number {
  let latest = 0;
  for (const moment of moments) if (moment < end && moment > latest) latest = moment;
  return latest;
}
