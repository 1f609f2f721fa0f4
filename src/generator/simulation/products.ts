/** Products: what their rows say, which ones sell, and what they cost at a moment. Their stock is in inventory.ts. */
import { faultOf } from "../faults.ts";
import { momentOf, rowsThrough } from "../growth.ts";
import { day } from "../plan.ts";
import { type Random, random, unit } from "../random.ts";
import type { Product } from "../simulation.ts";
import { brands, catalogue, styles } from "../words.ts";
import type { World } from "../world.ts";
import type { Stock } from "./inventory.ts";
import { isTracked, reorderLevel } from "./reorder.ts";

/** The row of a product at the end of the plan; `stock` must hold all of its moves. */
export function productOf(world: World, stock: Stock, id: number): Product {
  const { end } = world;
  const r = random(world.keys.product, id);
  const fault = faultOf(world, "products", id);
  const [category, [subcategory, kinds]] = r.pick(catalogue);
  const brand = r.pick(brands);
  const created = momentOf(world.products, id);
  const price = priceAt(world, id, created, end - 1);
  const soldUntil = endOf(world, id, created);
  const tracked = isTracked(world, id);
  const moments = [price.since, soldUntil, tracked ? (stock.lastMoveAt[id] ?? 0) : 0];
  return {
    id,
    name: `${brand} ${r.pick(styles)} ${r.pick(kinds)}`,
    sku: `SKU-${String(id).padStart(6, "0")}`,
    category,
    subcategory,
    brand,
    priceCents: price.price,
    costCents: fault === "price_below_cost" ? 2 * price.first : price.cost,
    tracked,
    stock: tracked ? (stock.onHand[id] ?? 0) : r.chance(0.05) ? 0 : r.int(1, 500),
    reorderLevel: tracked ? reorderLevel(world, id) : r.int(10, 50),
    supplierId: r.int(1, 40),
    weightKg: r.int(5, 2500),
    dimensionsCm: `${r.int(5, 90)}x${r.int(5, 60)}x${r.int(2, 40)}`,
    active: soldUntil >= end,
    createdAt: created,
    updatedAt: Math.max(created, ...moments.filter((moment) => moment < end)),
    ...(fault && { fault }),
  };
}

/** About one product in six is no longer sold some day; of a shop of two years one in twenty has been. */
function endOf(world: World, id: number, created: number): number {
  const chance = unit(world.keys["product.end"], id);
  if (id === 1 || chance >= 0.16) return Number.POSITIVE_INFINITY;
  return created + Math.floor((200 + (chance / 0.16) * 2500) * day);
}

/** What a product costs at a moment. */
export interface Price {
  /** Cents. */
  readonly price: number;
  /** The price at the beginning. */
  readonly first: number;
  /** What the shop pays: agreed for good. */
  readonly cost: number;
  /** When the price was set. */
  readonly since: number;
}

/** The price steps every 150 to 250 days, up a little in the long run. It stays above the cost. */
export function priceAt(world: World, id: number, created: number, moment: number): Price {
  const { keys } = world;
  const scatter = unit(keys.price, id);
  const interval = (150 + 100 * unit(keys["price.step"], id)) * day;
  const step = Math.max(0, Math.floor((moment - created) / interval));
  const base = Math.round(4 + 296 * scatter * scatter * scatter) * 100 + 99;
  const cost = Math.round(base * (0.4 + 0.3 * ((scatter * 1000) % 1)));
  if (step === 0) return { price: base, first: base, cost, since: created };
  const chance = unit(keys["price.step"] + step, id);
  const price = Math.round((base * (1 + 0.01 * step) * (0.93 + 0.14 * chance)) / 10) * 10 - 1;
  return { price, first: base, cost, since: created + Math.ceil(step * interval) };
}

/**
 * A quarter of the lines goes to every hundredth product, a third to every tenth, the rest to all of them: few products make most of
 * the sales. Only products that are sold at that moment.
 */
export function pickProduct(world: World, r: Random, placed: number, dayIndex: number): number {
  const known = rowsThrough(world.products, dayIndex);
  for (let attempt = 0; attempt < 30; attempt++) {
    const share = r.next();
    const wanted = share < 0.25 ? 100 : share < 0.6 ? 10 : 1;
    const every = wanted <= known ? wanted : 1;
    const id = every * (1 + Math.floor(r.next() * Math.floor(known / every)));
    if (isSold(world, id, placed)) return id;
  }
  return 1;
}

/** Whether it is in the range at a moment. */
export function isSold(world: World, id: number, moment: number): boolean {
  const created = momentOf(world.products, id);
  return created <= moment && moment < endOf(world, id, created);
}
