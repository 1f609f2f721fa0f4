/** Which products are kept in the own warehouse, and when how many of them are ordered again. */
import { unit } from "../random.ts";
import { fullScale, type World } from "../world.ts";

/** Share of the products in the own warehouse, so that scale 1 has about 200,000 moves. */
const trackedShare = 0.066;

/** Of products that sell alike, one in every fifteen or so: a few bestsellers, some that sell well, and the same share of the rest. */
export function isTracked(world: World, id: number): boolean {
  const every = sellsLike(id);
  const shifted = id / every + unit(world.keys.tracked, every) / trackedShare;
  return id === 1 || Math.floor(shifted * trackedShare) > Math.floor((shifted - 1) * trackedShare);
}

/** 100 for the products that sell most, 10 for those that sell well, 1 for the rest; see pickProduct. */
function sellsLike(id: number): number {
  if (id % 100 === 0) return 100;
  return id % 10 === 0 ? 10 : 1;
}

/** Units a day of a product of popularity 1, in the mean of the first 24 months. */
const unitsPerDay = (1.4 * fullScale.order_items) / fullScale.products / 730;

/** What is sold in 10 to 20 days: enough for most orders to the supplier, not for all. At least 1. */
export function reorderLevel(world: World, id: number): number {
  const days = 10 + 10 * unit(world.keys.stock, id);
  return Math.max(1, Math.round(unitsPerDay * popularity(id) * days));
}

/** How much more a product sells than the mean of them. */
function popularity(id: number): number {
  return 0.4 + (id % 10 === 0 ? 3.5 : 0) + (id % 100 === 0 ? 25 : 0);
}

/** Units in which the supplier delivers. */
export function lotSize(world: World, id: number): number {
  return unit(world.keys.stock ^ 1, id) < 0.25 ? 1 : 2;
}

/** Days from an order to the supplier until its receipt: 3 to 15. */
export function leadDays(world: World, id: number, count: number): number {
  return 3 + Math.floor(13 * unit(world.keys.stock + count, id));
}
