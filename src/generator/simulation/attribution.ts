/** Which campaign an order is attributed to: about three orders in ten, each to one that runs at that moment for that customer. */
import { rowsThrough } from "../growth.ts";
import { random, unit } from "../random.ts";
import type { World } from "../world.ts";
import { campaignPlan, longestCampaign, longestLead } from "./campaign-plan.ts";
import { segmentAt } from "./customers.ts";

const share = 0.31;
const tries = 24;

/** The moment of an order, as far as it matters for campaigns. */
export interface Buying {
  /** Number of the order. */
  readonly orderId: number;
  /** Who buys; decides the segment. */
  readonly customerId: number;
  /** Milliseconds since 1970. */
  readonly placed: number;
  /** The day of that, counted from the first day of the shop. */
  readonly dayIndex: number;
}

/** False for the seven orders in ten that no campaign gets; costs one draw. */
export function mayBeAttributed(world: World, orderId: number): boolean {
  return unit(world.keys.attribution, orderId) < share;
}

/** null: to none. */
export function attributedTo(world: World, { orderId, customerId, placed, dayIndex }: Buying): number | null {
  if (!mayBeAttributed(world, orderId)) return null;
  const before = rowsThrough(world.campaigns, dayIndex - longestLead - longestCampaign - 1);
  const known = rowsThrough(world.campaigns, dayIndex - 1) - before;
  if (known <= 0) return null;
  const r = random(world.keys.attribution, orderId);
  const segment = segmentAt(world, customerId, placed);
  for (let attempt = 0; attempt < tries; attempt++) {
    const id = before + 1 + Math.floor(r.next() * known);
    const { startDay, lastDay, silent, targetSegment } = campaignPlan(world, id);
    const runs = startDay <= dayIndex && dayIndex <= lastDay && !silent;
    if (runs && (targetSegment === "All" || targetSegment === segment)) return id;
  }
  return null;
}
