/** Campaigns with what they have brought so far: their counts are those of their orders. */
import { faultOf } from "../faults.ts";
import { rowsThrough } from "../growth.ts";
import { day, dayText } from "../plan.ts";
import type { Campaign } from "../simulation.ts";
import type { World } from "../world.ts";
import { attributedTo, mayBeAttributed } from "./attribution.ts";
import { buyerOf } from "./buyers.ts";
import { type CampaignPlan, campaignPlan } from "./campaign-plan.ts";
import { placedOrder } from "./orders.ts";

/** By campaign number; what grows with the number of campaigns: 20 bytes each. */
export interface CampaignTotals {
  /** Orders that have reached the database. */
  readonly orders: Int32Array;
  /** Of these, not cancelled. */
  readonly conversions: Int32Array;
  /** Goods of those, after discount. */
  readonly revenueCents: Float64Array;
  /** The last day on which one of these changed. */
  readonly lastDay: Int32Array;
}

/** Adds up the orders that were placed from a day on. */
export function campaignTotals(world: World, fromDay: number): CampaignTotals {
  const size = 1 + rowsThrough(world.campaigns, world.lastDay);
  const totals = {
    orders: new Int32Array(size),
    conversions: new Int32Array(size),
    revenueCents: new Float64Array(size),
    lastDay: new Int32Array(size).fill(-1),
  };
  const last = rowsThrough(world.orders, world.lastDay);
  for (let id = 1 + rowsThrough(world.orders, fromDay - 1); id <= last; id++)
    if (mayBeAttributed(world, id)) addOrder(world, totals, id);
  return totals;
}

function addOrder(world: World, totals: CampaignTotals, orderId: number): void {
  const { placed, dayIndex, life, lines } = placedOrder(world, orderId);
  if (life.arrived >= world.end) return;
  const customerId = buyerOf(world, orderId, placed, dayIndex);
  const id = attributedTo(world, { orderId, customerId, placed, dayIndex });
  if (id === null) return;
  const cancelled = life.cancelled < world.end;
  const changed = Math.floor(((cancelled ? life.cancelled : life.arrived) - world.start) / day);
  totals.orders[id] = (totals.orders[id] ?? 0) + 1;
  totals.lastDay[id] = Math.max(totals.lastDay[id] ?? 0, changed);
  if (cancelled) return;
  totals.conversions[id] = (totals.conversions[id] ?? 0) + 1;
  const goods = lines.reduce((sum, line) => sum + line.totalCents, 0);
  totals.revenueCents[id] = (totals.revenueCents[id] ?? 0) + goods;
}

/** The row of a campaign at the end of the plan; `totals` must hold all of its orders. */
export function campaignOf(world: World, totals: CampaignTotals, id: number): Campaign {
  const plan = campaignPlan(world, id);
  const fault = faultOf(world, "marketing_campaigns", id);
  const { impressions, clicks } = audience(world, plan, totals.orders[id] ?? 0);
  const conversions = totals.conversions[id] ?? 0;
  const revenueCents = totals.revenueCents[id] ?? 0;
  const dayOfRow = Math.max(totals.lastDay[id] ?? -1, lastRunningDay(world, plan));
  const startDate = dayText(world.start + plan.startDay * day);
  return {
    id,
    name: `${seasons[plan.startDay % seasons.length]} ${plan.channel} ${plan.targetSegment} ${id}`,
    channel: plan.channel,
    startDate,
    endDate: dayText(world.start + (fault === "ends_before_start" ? plan.startDay - 3 : plan.lastDay) * day),
    budgetCents: plan.budgetCents,
    targetSegment: plan.targetSegment,
    impressions,
    clicks: fault === "clicks_above_impressions" ? impressions + 7 : clicks,
    conversions: fault === "conversions_above_clicks" ? clicks + conversions + 3 : conversions,
    revenueCents,
    roi: roiOf(revenueCents, plan.budgetCents) + (fault === "wrong_roi" ? 555 : 0),
    createdAt: plan.created,
    updatedAt: dayOfRow < 0 ? plan.created : Math.max(plan.created, world.start + (dayOfRow + 1) * day - 1),
    ...(fault && { fault }),
  };
}

const seasons = ["Welcome", "Weekend", "New Arrivals", "Thank You", "Last Chance", "Bestsellers"];

/** The last day on which it ran, and so got more impressions; -1 before the first. */
function lastRunningDay(world: World, { startDay, lastDay }: CampaignPlan): number {
  return world.lastDay < startDay ? -1 : Math.min(world.lastDay, lastDay);
}

/** Both grow day by day while the campaign runs, and with every order that comes from it. */
function audience(world: World, plan: CampaignPlan, orders: number) {
  const days = plan.lastDay - plan.startDay + 1;
  const ran = Math.max(0, Math.min(world.lastDay - plan.startDay + 1, days));
  const clicks = plan.silent ? 0 : orders + Math.floor((plan.idleClicks * ran) / days);
  return { clicks, impressions: clicks * plan.perClick + Math.floor((5000 * plan.perClick * ran) / days) };
}

/** Percent in hundredths, rounded half away from zero as PostgreSQL's round does. */
function roiOf(revenueCents: number, budgetCents: number): number {
  const gain = revenueCents - budgetCents;
  return Math.sign(gain) * Math.floor((Math.abs(gain) * 20_000 + budgetCents) / (2 * budgetCents));
}
