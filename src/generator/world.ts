/** What every part of the simulation reads: the plan, its days, how the tables grow, and the keys of chance. */
import { cumulativeWeights } from "./calendar.ts";
import { type FaultRules, faultRules } from "./faults.ts";
import { type Growth, type GrowthOptions, growthOf } from "./growth.ts";
import { addMonths, day, dayStart, type ShopPlan } from "./plan.ts";
import { streamKey } from "./random.ts";

/** Made once for each simulation; never changed. */
export interface World {
  /** What shop it is. */
  readonly plan: ShopPlan;
  /** The first moment of day 0. */
  readonly start: number;
  /** The moment after the last day: what happens before it has happened. */
  readonly end: number;
  /** Number of the last day, from 0. */
  readonly lastDay: number;
  /** When each of them registers. */
  readonly customers: Growth;
  /** When each of them comes into the range. */
  readonly products: Growth;
  /** When each of them is placed. */
  readonly orders: Growth;
  /** When each of them is created. */
  readonly campaigns: Growth;
  /** Which rows are bad. */
  readonly faults: FaultRules;
  /** One key for each thing that is left to chance, so that a new one changes none of the others. */
  readonly keys: Readonly<Record<Stream, number>>;
}

/** Rows at scale 1 in the first 24 months; moves come out of the simulation. */
export const fullScale = {
  customers: 100_000,
  products: 50_000,
  orders: 500_000,
  order_items: 1_500_000,
  inventory_transactions: 200_000,
  marketing_campaigns: 10_000,
} as const;

const streams = [
  "account",
  "account.after",
  "account.step",
  "attribution",
  "campaign",
  "count",
  "customer",
  "email.step",
  "habit",
  "home",
  "life",
  "lifetime",
  "lines",
  "login",
  "move",
  "move.step",
  "order",
  "order.customer",
  "place",
  "place.after",
  "price",
  "price.step",
  "product",
  "product.end",
  "returned",
  "segment",
  "segment.after",
  "segment.step",
  "stock",
  "tier",
  "tier.after",
  "tier.step",
  "tracked",
  "warehouse",
] as const;
/** Name of something that is left to chance. */
export type Stream = (typeof streams)[number];

/** Some milliseconds; no row is made yet. */
export function openWorld(plan: ShopPlan): World {
  const start = dayStart(plan.first);
  const end = dayStart(plan.until) + day;
  const shares = sharesOf(start, (end - start) / day);
  const growth = (name: keyof typeof fullScale, head?: GrowthOptions["head"]) =>
    growthOf({
      start,
      total: fullScale[name] * plan.scale,
      shares,
      key: streamKey(plan.seed, `moment of ${name}`),
      ...(head && { head }),
    });
  return {
    plan,
    start,
    end,
    lastDay: (end - start) / day - 1,
    customers: growth("customers", { share: 0.2, days: 365 }),
    products: growth("products", { share: 0.8, days: 700 }),
    orders: growth("orders"),
    campaigns: growth("marketing_campaigns"),
    faults: faultRules(plan, fullScale),
    keys: Object.fromEntries(streams.map((name) => [name, streamKey(plan.seed, name)])) as World["keys"],
  };
}

/** What share of the weight of the first 24 months has passed at the end of each day. */
function sharesOf(start: number, days: number): Float64Array {
  const reference = (addMonths(start, 24) - start) / day;
  const sums = cumulativeWeights(start, Math.max(days, reference));
  const whole = sums[reference - 1] ?? 1;
  return sums.slice(0, days).map((sum) => sum / whole);
}
