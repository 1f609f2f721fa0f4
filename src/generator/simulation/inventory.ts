/**
 * The moves of the own warehouse, day by day: what is shipped goes out, what is returned and what the supplier delivers comes in, and
 * counting finds a little more or less than the books say. Stock is never negative: what is missing comes by an express receipt.
 */
import { faultOf } from "../faults.ts";
import { momentOf, rowsThrough } from "../growth.ts";
import { day } from "../plan.ts";
import { unit } from "../random.ts";
import type { Move, MoveType } from "../simulation.ts";
import type { World } from "../world.ts";
import { returnOf } from "./order-lines.ts";
import { placedOrder } from "./orders.ts";
import { isTracked, leadDays, lotSize, reorderLevel } from "./reorder.ts";

/** By product number; what grows with the number of products: 16 bytes each. */
export interface Stock {
  /** Units that are there. */
  readonly onHand: Int32Array;
  /** On hand and ordered from the supplier. */
  readonly position: Int32Array;
  /** Milliseconds since 1970; 0 before the first move. */
  readonly lastMoveAt: Float64Array;
}

/** Room for all products of the plan. */
export function emptyStock(world: World): Stock {
  const size = 1 + rowsThrough(world.products, world.lastDay);
  return {
    onHand: new Int32Array(size),
    position: new Int32Array(size),
    lastMoveAt: new Float64Array(size),
  };
}

/** Added to a number that shall name no product. */
const unknown = 900_000_000;

type Note = "opening balance" | "sale" | "return" | "replenishment" | "express receipt" | "cycle count";

/** Something that will happen to the stock of a product. */
interface Due {
  readonly at: number;
  readonly productId: number;
  readonly quantity: number;
  readonly orderId: number | null;
  readonly note: Note;
}

/** All moves until the end; `stock` holds what is left after those that were read. */
export function* movesOf(world: World, stock: Stock): Generator<Move> {
  const agenda = new Map<number, Due[]>();
  const book = bookkeeper(world);
  const tracked = trackedProducts(world);
  for (let index = 0; index <= world.lastDay; index++) {
    planOpenings(world, agenda, index);
    planCounts(world, agenda, { index, tracked });
    const dues = (agenda.get(index) ?? []).sort((a, b) => a.at - b.at);
    agenda.delete(index);
    for (const due of dues) {
      const express = shortage(stock, due);
      if (express !== undefined) yield book(stock, express);
      const actual = counted(stock, due);
      yield book(stock, actual);
      const receipt = reorder(world, stock, actual);
      if (receipt !== undefined) plan(world, agenda, receipt);
    }
    planOrders(world, agenda, index);
  }
}

/** By number. */
function trackedProducts(world: World): Int32Array {
  const ids: number[] = [];
  for (let id = 1; id <= rowsThrough(world.products, world.lastDay); id++)
    if (isTracked(world, id)) ids.push(id);
  return Int32Array.from(ids);
}

function plan(world: World, agenda: Map<number, Due[]>, due: Due): void {
  const index = Math.floor((due.at - world.start) / day);
  const list = agenda.get(index);
  if (list === undefined) agenda.set(index, [due]);
  else list.push(due);
}

/** The first stock of products that are new, and on the first day of all that there are. */
function planOpenings(world: World, agenda: Map<number, Due[]>, index: number): void {
  const first = index === 0 ? 1 : 1 + rowsThrough(world.products, index - 1);
  for (let id = first; id <= rowsThrough(world.products, index); id++) {
    if (!isTracked(world, id)) continue;
    const at = Math.max(momentOf(world.products, id), world.start);
    const quantity = reorderLevel(world, id) + lotSize(world, id);
    plan(world, agenda, { at, productId: id, quantity, orderId: null, note: "opening balance" });
  }
}

/** Each product is counted every 75 to 150 days, at night; one unit in most cases is missing or too many. */
function planCounts(
  world: World,
  agenda: Map<number, Due[]>,
  { index, tracked }: { readonly index: number; readonly tracked: Int32Array },
): void {
  const known = rowsThrough(world.products, index - 1);
  for (const id of tracked) {
    if (id > known) break;
    const chance = unit(world.keys.count, id);
    const interval = 75 + Math.floor(chance * 75);
    const phase = Math.floor(((chance * 9000) % 1) * interval);
    if ((index + phase) % interval !== 0) continue;
    const found = unit(world.keys.count + index, id);
    const size = 1 + Math.floor(((found * 1000) % 1) * 3);
    const at = world.start + index * day + Math.floor(((found * 10) % 1) * 3_600_000);
    const quantity = found < 0.5 ? size : -size;
    plan(world, agenda, { at, productId: id, quantity, orderId: null, note: "cycle count" });
  }
}

/** What the orders of a day will take out, and bring back. */
function planOrders(world: World, agenda: Map<number, Due[]>, index: number): void {
  const last = rowsThrough(world.orders, index);
  for (let orderId = 1 + rowsThrough(world.orders, index - 1); orderId <= last; orderId++) {
    const { life, lines } = placedOrder(world, orderId);
    if (life.shipped >= world.end) continue;
    for (const { id, productId, quantity } of lines) {
      if (!isTracked(world, productId)) continue;
      plan(world, agenda, { at: life.shipped, productId, quantity: -quantity, orderId, note: "sale" });
      const { completed } = returnOf(world, id, life.delivered);
      if (completed < world.end)
        plan(world, agenda, { at: completed, productId, quantity, orderId, note: "return" });
    }
  }
}

function shortage(stock: Stock, due: Due): Due | undefined {
  const left = (stock.onHand[due.productId] ?? 0) + due.quantity;
  if (due.note !== "sale" || left >= 0) return undefined;
  return { ...due, quantity: -left, orderId: null, note: "express receipt" };
}

/** Counting never finds less than nothing: what is missing is at most what the books say, and of nothing there is too much. */
function counted(stock: Stock, due: Due): Due {
  const onHand = stock.onHand[due.productId] ?? 0;
  if (onHand + due.quantity >= 0) return due;
  return { ...due, quantity: onHand > 0 ? -onHand : -due.quantity };
}

/** Orders whole lots from the supplier when what is there or on its way has come down to the reorder level. */
function reorder(world: World, stock: Stock, { productId, at, quantity }: Due): Due | undefined {
  const short = reorderLevel(world, productId) + 1 - (stock.position[productId] ?? 0);
  if (quantity > 0 || short <= 0) return undefined;
  const lot = lotSize(world, productId);
  const ordered = Math.ceil(short / lot) * lot;
  stock.position[productId] = (stock.position[productId] ?? 0) + ordered;
  const receiptDay = Math.floor(at / day) + leadDays(world, productId, Math.floor(at / day));
  const receiptAt = receiptDay * day + 8 * 3_600_000 + (at % (8 * 3_600_000));
  return { at: receiptAt, productId, quantity: ordered, orderId: null, note: "replenishment" };
}

/** Books one move after the other: numbers them, changes the stock, and makes some of the rows bad. */
function bookkeeper(world: World): (stock: Stock, due: Due) => Move {
  let id = 0;
  let wrongSigns = 0;
  return (stock, { at, productId, quantity, orderId, note }) => {
    id++;
    stock.onHand[productId] = (stock.onHand[productId] ?? 0) + quantity;
    if (note !== "replenishment") stock.position[productId] = (stock.position[productId] ?? 0) + quantity;
    stock.lastMoveAt[productId] = at;
    const type = typeOf(note, quantity);
    const drawn = faultOf(world, "inventory_transactions", id);
    // An adjustment has no wrong sign: the next other move that is good gets it.
    if (drawn === "wrong_sign") wrongSigns++;
    const takes = wrongSigns > 0 && type !== "ADJUSTMENT" && (drawn === undefined || drawn === "wrong_sign");
    if (takes) wrongSigns--;
    const fault = takes ? "wrong_sign" : drawn === "wrong_sign" ? undefined : drawn;
    return {
      id,
      productId: productId + (fault === "unknown_product" ? unknown : 0),
      warehouseId: 1 + Math.floor(unit(world.keys.warehouse, productId) * 5),
      type,
      quantity: fault === "wrong_sign" ? -quantity : quantity,
      at,
      orderId,
      notes: note,
      ...(fault && { fault }),
    };
  };
}

function typeOf(note: Note, quantity: number): MoveType {
  if (note === "cycle count") return "ADJUSTMENT";
  return quantity > 0 ? "IN" : "OUT";
}
