/** What is in an order: products at the prices of that moment, and which of them come back. */
import { momentOf } from "../growth.ts";
import { day } from "../plan.ts";
import { type Choices, type Random, random, unit } from "../random.ts";
import type { ReturnStatus } from "../simulation.ts";
import type { World } from "../world.ts";
import { isSold, pickProduct, priceAt } from "./products.ts";

/** Mean 3. */
const counts: Choices<number> = [
  [1, 24],
  [2, 22],
  [3, 18],
  [4, 16],
  [5, 10],
  [6, 6],
  [7, 4],
];
/** No order has more lines; line numbers are (order - 1) * 7 + 1 and following, so that each is known without the others. */
export const mostLines = 7;

const quantities: Choices<number> = [
  [1, 70],
  [2, 20],
  [3, 10],
];
const discounts: Choices<number> = [
  [0, 60],
  [5, 20],
  [10, 10],
  [15, 5],
  [20, 5],
];

/** A line as it was ordered. */
export interface Ordered {
  /** (order - 1) * 7 + 1 and following. */
  readonly id: number;
  /** A product that is sold at that moment. */
  readonly productId: number;
  /** 1 to 3. */
  readonly quantity: number;
  /** The price at that moment. */
  readonly unitPriceCents: number;
  /** 0, 5, 10, 15 or 20. */
  readonly discountPercent: number;
  /** After discount, before tax. */
  readonly totalCents: number;
  /** 8 % of the total. */
  readonly taxCents: number;
}

/** One to seven lines. `dayIndex` is the day of `placed`, counted from the first day of the shop. */
export function orderedLines(world: World, orderId: number, placed: number, dayIndex: number): Ordered[] {
  const r = random(world.keys.lines, orderId);
  const count = r.weighted(counts);
  const lines: Ordered[] = [];
  for (let index = 0; index < count; index++) {
    const productId = nextProduct(world, r, { placed, dayIndex, lines });
    const quantity = r.weighted(quantities);
    const discountPercent = r.weighted(discounts);
    const unitPriceCents = priceAt(world, productId, momentOf(world.products, productId), placed).price;
    const totalCents = lineTotal(unitPriceCents, quantity, discountPercent);
    lines.push({
      id: (orderId - 1) * mostLines + index + 1,
      productId,
      quantity,
      unitPriceCents,
      discountPercent,
      totalCents,
      taxCents: taxOf(totalCents),
    });
  }
  return lines;
}

/** In cents, after discount, rounded half away from zero. */
export function lineTotal(unitPriceCents: number, quantity: number, discountPercent: number): number {
  const sign = quantity < 0 ? -1 : 1;
  return sign * Math.round((unitPriceCents * Math.abs(quantity) * (100 - discountPercent)) / 100);
}

/** 8 %. */
export function taxOf(cents: number): number {
  return Math.sign(cents) * Math.round((Math.abs(cents) * 8) / 100);
}

interface Basket {
  readonly placed: number;
  readonly dayIndex: number;
  readonly lines: readonly Ordered[];
}

/** Now and then the companion of the product before; a product is rarely in an order twice. */
function nextProduct(world: World, r: Random, { placed, dayIndex, lines }: Basket): number {
  const has = (id: number) => lines.some((line) => line.productId === id);
  const companion = (lines.at(-1)?.productId ?? 0) ^ 1;
  if (companion > 1 && r.chance(0.15) && !has(companion) && isKnown(world, companion, placed))
    return companion;
  let productId = pickProduct(world, r, placed, dayIndex);
  for (let attempt = 0; attempt < 5 && has(productId); attempt++)
    productId = pickProduct(world, r, placed, dayIndex);
  return productId;
}

function isKnown(world: World, id: number, moment: number): boolean {
  return id <= (world.products.through[world.lastDay] ?? 0) && isSold(world, id, moment);
}

/** Milliseconds since 1970; Infinity for what does not happen. */
export interface LineReturn {
  /** When the customer asked for it. */
  readonly requested: number;
  /** When the shop agreed. */
  readonly approved: number;
  /** When the goods were back. */
  readonly completed: number;
}

const never = Number.POSITIVE_INFINITY;
/** Of a line that stays with the customer. */
export const noReturn: LineReturn = { requested: never, approved: never, completed: never };

/** Of the delivered lines 5 % are to come back: two in five of these stay requests, two end approved, one is completed. */
export function returnOf(world: World, lineId: number, delivered: number): LineReturn {
  const chance = unit(world.keys.returned, lineId);
  if (chance >= 0.05 || delivered === never) return noReturn;
  const r = random(world.keys.returned, lineId);
  const requested = delivered + r.int(3 * day, 20 * day);
  if (chance < 0.02) return { requested, approved: never, completed: never };
  const approved = requested + r.int(day, 5 * day);
  const completed = approved + r.int(2 * day, 10 * day);
  return { requested, approved, completed: chance < 0.04 ? never : completed };
}

/** What the row says before `end`. */
export function returnStatusAt({ requested, approved, completed }: LineReturn, end: number): ReturnStatus {
  if (completed < end) return "Completed";
  if (approved < end) return "Approved";
  return requested < end ? "Requested" : "None";
}
