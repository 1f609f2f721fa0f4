/** How many rows of a table there are by the end of each day: their numbers go up with time. */
import { timeOfDay } from "./calendar.ts";
import { day } from "./plan.ts";
import { unit } from "./random.ts";

/** Row numbers over time; made by `growthOf`. */
export interface Growth {
  /** Milliseconds since 1970 of day 0. */
  readonly start: number;
  /** Rows that are older than the first day. */
  readonly head: number;
  /** Days before the first day over which those are spread. */
  readonly headDays: number;
  /** Rows that exist at the end of each day, from day 0 on. */
  readonly through: Int32Array;
  /** The key of the moments. */
  readonly key: number;
}

/** How many rows, and when they come. */
export interface GrowthOptions {
  /** Milliseconds since 1970 of day 0. */
  readonly start: number;
  /** Rows at the end of the 24th month; a fraction counts as none, but there is at least one row unless it is 0. */
  readonly total: number;
  /** Share of `total` that is older than the first day, and over how many days these came. */
  readonly head?: { readonly share: number; readonly days: number };
  /** What share of the first 24 months' rows is there at the end of each day; more than 1 afterwards. */
  readonly shares: Float64Array;
  /** The key of the moments: another key, other moments. */
  readonly key: number;
}

/** Adds up the days once, so that any row's day can be looked up. */
export function growthOf({ start, total, head = { share: 0, days: 0 }, shares, key }: GrowthOptions): Growth {
  const least = total > 0 ? 1 : 0;
  const before = head.share > 0 ? Math.max(least, Math.floor(total * head.share)) : 0;
  const rows = (share: number) => Math.floor(total * (head.share + (1 - head.share) * share) + 1e-6);
  return {
    start,
    head: before,
    headDays: head.days,
    through: Int32Array.from(shares, (share) => Math.max(before, least, rows(share))),
    key,
  };
}

/** Rows that exist at the end of a day; day -1 and earlier: those that were there before the first day. */
export function rowsThrough(growth: Growth, index: number): number {
  return index < 0 ? growth.head : (growth.through[index] ?? 0);
}

/** The day on which row `id` comes; -1 for one from before the first day. */
export function dayOf(growth: Growth, id: number): number {
  if (id <= growth.head) return -1;
  let [low, high] = [0, growth.through.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((growth.through[middle] ?? 0) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The moment at which row `id` comes. Later rows come later, or at the same moment. */
export function momentOf(growth: Growth, id: number): number {
  return momentOn(growth, id, dayOf(growth, id));
}

/** The same for a caller that knows the day. */
export function momentOn(growth: Growth, id: number, index: number): number {
  const within = unit(growth.key, id);
  if (index < 0) {
    const share = (id - 1 + within) / growth.head;
    return growth.start - Math.ceil((1 - share) * growth.headDays * day);
  }
  const before = rowsThrough(growth, index - 1);
  const count = rowsThrough(growth, index) - before;
  return growth.start + index * day + timeOfDay((id - 1 - before + within) / count);
}
