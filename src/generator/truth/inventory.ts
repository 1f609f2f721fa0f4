/** KPIs of the stock of products that moved: what is on hand on a day is the sum of the moves up to it. */

import type { MoveType } from "../simulation.ts";
import { money, moneyPer, percent, ratio } from "./exact.ts";
import type { Stock } from "./facts.ts";
import { ascending, groupBy, sumOf } from "./group.ts";
import { kpi } from "./kpi.ts";
import type { Shop } from "./shop.ts";

/** By name. Definitions: docs/kpis.md. */
export const inventoryKpis = {
  inventory_turnover: kpi({ days: 365 }, (shop, { days }) => {
    const window = windowOf(shop, days);
    const length = lengthOf(window);
    return byCategory(shop.stocks).map(([category, stocks]) => {
      const sold = sumOf(stocks, (stock) => soldIn(stock, window));
      const cost = sumOf(stocks, (stock) => soldIn(stock, window) * stock.product.costCents);
      const unitDays = sumOf(stocks, (stock) => unitDaysIn(stock, window));
      const valueDays = sumOf(stocks, (stock) => unitDaysIn(stock, window) * stock.product.costCents);
      return {
        category,
        cost_of_goods_sold: money(cost),
        average_inventory_value: moneyPer(valueDays, length),
        inventory_turnover: ratio(BigInt(cost) * BigInt(length), valueDays, 2),
        units_sold: sold,
        average_units: ratio(unitDays, length, 2),
        unit_turnover: ratio(BigInt(sold) * BigInt(length), unitDays, 2),
      };
    });
  }),

  stock_out_rate: kpi({ days: 90 }, (shop, { days }) => {
    const window = windowOf(shop, days);
    return byCategory(shop.stocks.filter(({ product }) => product.active)).map(([category, stocks]) => {
      const counts = stocks.map((stock) => skuDaysIn(stock, window));
      const [skuDays, out] = [sumOf(counts, ({ all }) => all), sumOf(counts, (count) => count.out)];
      return { category, sku_days: skuDays, stock_out_days: out, stock_out_percent: percent(out, skuDays) };
    });
  }),

  sell_through: kpi({ days: 30 }, (shop, { days }) => {
    const window = windowOf(shop, days);
    return byCategory(shop.stocks).map(([category, stocks]) => {
      const starting = sumOf(stocks, (stock) => onHand(stock, window.from - 1));
      const received = sumOf(stocks, (stock) => movedIn(stock, window, "IN"));
      const sold = sumOf(stocks, (stock) => soldIn(stock, window));
      return {
        category,
        starting_units: starting,
        received_units: received,
        sold_units: sold,
        sell_through_percent: percent(sold, starting + received),
      };
    });
  }),

  days_of_inventory: kpi({ days: 28, limit: 20 }, (shop, { days, limit }) => {
    const window = windowOf(shop, days);
    return shop.stocks
      .filter(({ product }) => product.active)
      .map((stock) => ({
        product: stock.product,
        left: onHand(stock, shop.today),
        sold: soldIn(stock, window),
      }))
      .sort(soonestEmpty)
      .slice(0, limit)
      .map(({ product, left, sold }) => ({
        product_id: product.id,
        product_name: product.name,
        on_hand: left,
        daily_units: ratio(sold, days, 2),
        days_of_inventory: ratio(left * days, sold, 1),
      }));
  }),
};

/** Days `from` to `to`, both included; empty when `to` is before `from`. */
interface Window {
  readonly from: number;
  readonly to: number;
}

/** The last `days` days up to today, cut at the last inventory day. */
function windowOf({ today, lastInventoryDay }: Shop, days: number): Window {
  return { from: today - days + 1, to: Math.min(today, lastInventoryDay ?? today) };
}

function lengthOf({ from, to }: Window): number {
  return Math.max(0, to - from + 1);
}

function byCategory(stocks: readonly Stock[]): readonly (readonly [string, readonly Stock[]])[] {
  return [...groupBy(stocks, ({ product }) => product.category)].sort(ascending(([category]) => category));
}

function movedIn({ moves }: Stock, { from, to }: Window, type: MoveType): number {
  return sumOf(moves, (move) =>
    move.type === type && move.day >= from && move.day <= to ? move.quantity : 0,
  );
}

function soldIn(stock: Stock, window: Window): number {
  return 0 - movedIn(stock, window, "OUT");
}

/** 0 before the first move. */
function onHand({ moves }: Stock, day: number): number {
  return sumOf(moves, (move) => (move.day <= day ? move.quantity : 0));
}

/** The sum of what is on hand on each day of the window: a move counts on its day and every later one. */
function unitDaysIn({ moves }: Stock, { from, to }: Window): number {
  return sumOf(moves, ({ day, quantity }) => quantity * lengthOf({ from: Math.max(day, from), to }));
}

/** Days of the window from the first move on, and those at whose end nothing was on hand. */
function skuDaysIn({ moves }: Stock, { from, to }: Window): { readonly all: number; readonly out: number } {
  let [left, all, out] = [0, 0, 0];
  for (const [index, { day, quantity }] of moves.entries()) {
    left += quantity;
    const until = Math.min(to, (moves[index + 1]?.day ?? Number.POSITIVE_INFINITY) - 1);
    const length = lengthOf({ from: Math.max(day, from), to: until });
    all += length;
    if (left <= 0) out += length;
  }
  return { all, out };
}

interface Left {
  readonly product: Stock["product"];
  readonly left: number;
  readonly sold: number;
}

/** By left / sold, then product; products that were not sold come last. */
function soonestEmpty(a: Left, b: Left): number {
  if (a.sold === 0 || b.sold === 0)
    return Number(a.sold === 0) - Number(b.sold === 0) || a.product.id - b.product.id;
  return a.left * b.sold - b.left * a.sold || a.product.id - b.product.id;
}
