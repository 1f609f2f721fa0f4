/** Who places an order: customers buy at their own rates, from their registration until they stop. */
import { dayOf, momentOn, rowsThrough } from "../growth.ts";
import { day } from "../plan.ts";
import { random, unit } from "../random.ts";
import type { World } from "../world.ts";

/** One customer in this many is a regular: these place `regularShare` of the orders. */
const regularEvery = 25;
const regularShare = 0.1;
const tries = 100;

/**
 * The customer of an order, by rejection: candidates are drawn evenly from those registered by that day and chosen with the
 * probability of their rate, if they still buy. So it depends on nothing but the order's number and moment.
 */
export function buyerOf(world: World, orderId: number, placed: number, dayIndex: number): number {
  const r = random(world.keys["order.customer"], orderId);
  const known = rowsThrough(world.customers, dayIndex);
  let registered = 1;
  for (let attempt = 0; attempt < tries; attempt++) {
    const regulars = Math.floor(known / regularEvery);
    const candidate =
      r.chance(regularShare) && regulars > 0
        ? regularEvery * (1 + Math.floor(r.next() * regulars))
        : 1 + Math.floor(r.next() * known);
    if (r.next() >= rateOf(world, candidate)) continue;
    const since = momentOn(world.customers, candidate, dayOf(world.customers, candidate));
    if (since > placed) continue;
    if (placed <= since + lifetime(world, candidate)) return candidate;
    registered = candidate;
  }
  return registered;
}

/** Above 0, up to 1: most customers buy rarely, some often. */
function rateOf(world: World, id: number): number {
  const share = unit(world.keys.habit, id);
  return 0.02 + 0.98 * share * share * share;
}

/** How long after registration a customer goes on buying: three in ten for ever, the others for 20 to 900 days. */
function lifetime(world: World, id: number): number {
  const share = unit(world.keys.lifetime, id);
  if (share < 0.3) return Number.POSITIVE_INFINITY;
  const rest = (share - 0.3) / 0.7;
  return (20 + 880 * rest * rest) * day;
}
