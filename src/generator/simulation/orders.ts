/** Orders with their lines, as of the end of the plan. */
import type { FaultOf } from "../fault-kinds.ts";
import { faultOf } from "../faults.ts";
import { dayOf, momentOn, rowsThrough } from "../growth.ts";
import { day } from "../plan.ts";
import { random } from "../random.ts";
import type { Order, OrderLine } from "../simulation.ts";
import { streets } from "../words.ts";
import type { World } from "../world.ts";
import { attributedTo } from "./attribution.ts";
import { buyerOf } from "./buyers.ts";
import { homeAt } from "./customers.ts";
import { lastBefore, type OrderLife, orderLife, paymentAt, statusAt } from "./order-life.ts";
import {
  type LineReturn,
  lineTotal,
  mostLines,
  type Ordered,
  orderedLines,
  returnOf,
  returnStatusAt,
  taxOf,
} from "./order-lines.ts";

/** No order changes later than this many days after it was placed. */
export const longestLife = 50;

/** What is certain when an order is placed; the same whatever day the simulation goes to. */
export interface PlacedOrder {
  /** Number of the order. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly placed: number;
  /** The day of that, counted from the first day of the shop. */
  readonly dayIndex: number;
  /** What will happen to it. */
  readonly life: OrderLife;
  /** What was ordered. */
  readonly lines: readonly Ordered[];
  /** undefined for a good row. */
  readonly fault: FaultOf<"orders"> | undefined;
}

/** Drawn from the order's number alone. */
export function placedOrder(world: World, id: number): PlacedOrder {
  const dayIndex = dayOf(world.orders, id);
  const placed = momentOn(world.orders, id, dayIndex);
  const fault = faultOf(world, "orders", id);
  const life = orderLife(world, id, placed, fault);
  return { id, placed, dayIndex, life, lines: orderedLines(world, id, placed, dayIndex), fault };
}

/** Orders placed from the beginning of a day on that have reached the database, by id. */
export function* arrivedSince(world: World, dayIndex: number): Generator<PlacedOrder> {
  const last = rowsThrough(world.orders, world.lastDay);
  for (let id = 1 + rowsThrough(world.orders, dayIndex - 1); id <= last; id++) {
    const placed = placedOrder(world, id);
    if (placed.life.arrived < world.end) yield placed;
  }
}

const farAhead = 3650 * day;
/** Added to numbers that shall name nothing. */
const unknown = 900_000_000;

/** The lines as they are at the end. */
export function linesOf(world: World, { id, life, lines }: PlacedOrder): OrderLine[] {
  const order = { id, arrived: life.arrived };
  return lines.map((line) => lineOf(world, order, line, returnOf(world, line.id, life.delivered)));
}

/** The row of an order at the end of the plan, with its lines. */
export function orderOf(world: World, order: PlacedOrder): Order {
  const { id, placed, dayIndex, life, lines, fault } = order;
  const { end } = world;
  const returns = lines.map((line) => returnOf(world, line.id, life.delivered));
  const refunded = Math.min(life.refunded, refundOf(returns));
  const goods = sum(lines, (line) => line.totalCents);
  const tax = sum(lines, (line) => line.taxCents);
  const shipping = goods >= 5000 ? 0 : 499;
  const customerId = buyerOf(world, id, placed, dayIndex);
  const ahead = fault === "future_order_date" ? farAhead : 0;
  const moments = [
    life.paid,
    life.paymentFailed,
    life.processing,
    life.shipped,
    life.delivered,
    life.cancelled,
  ];
  return {
    id,
    customerId: fault === "unknown_customer" ? unknown + id : customerId,
    orderedAt: placed + ahead,
    status: statusAt(life, end),
    paymentMethod: life.method,
    paymentStatus: paymentAt(life, refunded, end),
    ...addresses(world, id, customerId, placed),
    totalCents: (goods + tax + shipping) * (fault === "negative_total" ? -1 : 1),
    goodsCents: goods,
    discountCents: sum(lines, (line) => line.unitPriceCents * line.quantity) - goods,
    taxCents: tax,
    shippingCents: shipping,
    currency: world.plan.currency,
    fulfilledAt: fulfilledAt(order, end, ahead),
    deliveredAt: life.delivered < end ? life.delivered : null,
    campaignId: attributedTo(world, { orderId: id, customerId, placed, dayIndex }),
    createdAt: life.arrived,
    updatedAt: Math.max(life.arrived, lastBefore(end, moments), lastBefore(end, [refunded])),
    lines: linesOf(world, order),
    ...(fault && { fault }),
  };
}

function fulfilledAt(
  { placed, life, fault }: Pick<PlacedOrder, "placed" | "life" | "fault">,
  end: number,
  ahead: number,
): number | null {
  if (fault === "fulfilled_too_early") return placed - 2 * day;
  if (fault === "cancelled_but_fulfilled") return placed + 3_600_000;
  return life.shipped < end ? life.shipped + ahead : null;
}

/** When all lines have come back, up to a day after the last of them. */
function refundOf(returns: readonly LineReturn[]): number {
  const last = Math.max(...returns.map(({ completed }) => completed));
  return Number.isFinite(last) ? last + (last % day) : last;
}

function lineOf(
  world: World,
  order: { readonly id: number; readonly arrived: number },
  line: Ordered,
  returned: LineReturn,
): OrderLine {
  const { end } = world;
  const first = line.id % mostLines === 1;
  const fault = first ? faultOf(world, "order_items", order.id) : undefined;
  const quantity = fault === "negative_quantity" ? -1 : line.quantity;
  const total = lineTotal(line.unitPriceCents, quantity, line.discountPercent);
  return {
    id: line.id,
    orderId: order.id + (fault === "unknown_order" ? unknown : 0),
    productId: line.productId + (fault === "unknown_product" ? unknown : 0),
    quantity,
    unitPriceCents: line.unitPriceCents,
    discountPercent: line.discountPercent,
    totalCents: total + (fault === "wrong_line_total" ? 1000 : 0),
    taxCents: taxOf(total),
    returnStatus: returnStatusAt(returned, end),
    returnedAt: returned.completed < end ? returned.completed : null,
    createdAt: order.arrived,
    updatedAt: Math.max(
      order.arrived,
      lastBefore(end, [returned.requested, returned.approved, returned.completed]),
    ),
    ...(fault && { fault }),
  };
}

/** Goods go to where the customer lives then; one bill in ten goes somewhere else. */
function addresses(world: World, orderId: number, customerId: number, placed: number) {
  const r = random(world.keys.order, orderId);
  const house = random(world.keys.home, customerId);
  const home = homeAt(world, customerId, placed);
  const place = `${home.postalCode} ${home.city}, ${home.country}`;
  const shippingAddress = `${house.pick(streets)} ${house.int(1, 200)}, ${place}`;
  const billingAddress = r.chance(0.9) ? shippingAddress : `${r.pick(streets)} ${r.int(1, 200)}, ${place}`;
  return { shippingAddress, billingAddress };
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  let total = 0;
  for (const item of list) total += of(item);
  return total;
}
