/** KPIs of what a customer is worth: RFM segments and lifetime value. */
import { money, moneyPer, percent, ratio } from "./exact.ts";
import type { FactOrder } from "./facts.ts";
import { ascending, by, descending, groupBy, sumOf } from "./group.ts";
import { kpi } from "./kpi.ts";
import type { Buyer, Shop } from "./shop.ts";

/** By R (1 to 5), then FM (1 to 5). */
const segmentTable: Readonly<Record<number, readonly string[]>> = {
  5: ["NEW", "ACTIVE", "ACTIVE", "CHAMPIONS", "CHAMPIONS"],
  4: ["PROMISING", "ACTIVE", "ACTIVE", "LOYAL", "CHAMPIONS"],
  3: ["PROMISING", "NEEDS_ATTENTION", "NEEDS_ATTENTION", "LOYAL", "LOYAL"],
  2: ["ALMOST_LOST", "ALMOST_LOST", "AT_RISK", "AT_RISK", "PREVIOUSLY_LOYAL"],
  1: ["DORMANT", "DORMANT", "AT_RISK", "PREVIOUSLY_LOYAL", "PREVIOUSLY_LOYAL"],
};

/** No lifetime is longer than this many periods. */
const longestLifetime = 5;

/** By name. Definitions: docs/kpis.md. */
export const valueKpis = {
  rfm_segments: kpi({ days: 365 }, (shop, { days }) => {
    const members = rfmMembers(shop, days);
    return [...groupBy(members, (member) => member.segment)]
      .map(([segment, own]) => ({
        segment,
        customers: own.length,
        share_percent: percent(own.length, members.length),
        orders: sumOf(own, (member) => member.orders),
        revenue: money(sumOf(own, (member) => member.spendCents)),
      }))
      .sort(
        by(
          descending((row) => row.customers),
          ascending((row) => row.segment),
        ),
      );
  }),

  customer_lifetime_value: kpi({ days: 365 }, ({ counted, today }, { days }) => {
    const now = counted.filter(({ day }) => day > today - days && day <= today);
    const before = counted.filter(({ day }) => day > today - 2 * days && day <= today - days);
    const [customers, earlier] = [customersOf(now), customersOf(before)];
    const lost = [...earlier].filter((id) => !customers.has(id)).length;
    const revenue = sumOf(now, (order) => order.netCents);
    const { profitCents, revenueCents } = grossProfit(now);
    const [periods, divisor] = lifetime(lost, earlier.size);
    return [
      {
        customers: customers.size,
        average_order_value: moneyPer(revenue, now.length),
        orders_per_customer: ratio(now.length, customers.size, 2),
        gross_margin_percent: percent(profitCents, revenueCents),
        churn_percent: percent(lost, earlier.size),
        lifetime_periods: ratio(periods, divisor, 2),
        lifetime_value: moneyPer(
          BigInt(revenue) * BigInt(profitCents) * BigInt(periods),
          BigInt(customers.size) * BigInt(revenueCents) * BigInt(divisor),
        ),
      },
    ];
  }),
};

/** Revenue less cost over the lines of orders that are not returned and whose product is known, and their revenue. */
export function grossProfit(orders: Iterable<FactOrder>): {
  readonly profitCents: number;
  readonly revenueCents: number;
} {
  let [costCents, revenueCents] = [0, 0];
  for (const { lines } of orders)
    for (const line of lines) {
      if (line.product === undefined || line.returned) continue;
      costCents += line.quantity * line.product.costCents;
      revenueCents += line.revenueCents;
    }
  return { profitCents: revenueCents - costCents, revenueCents };
}

/** 1 / (lost / of) as a fraction, at most `longestLifetime`. */
function lifetime(lost: number, of: number): readonly [number, number] {
  return lost === 0 || of > longestLifetime * lost ? [longestLifetime, 1] : [of, lost];
}

function customersOf(orders: readonly FactOrder[]): Set<number> {
  return new Set(orders.map((order) => order.customerId));
}

interface Member {
  readonly segment: string;
  readonly orders: number;
  readonly spendCents: number;
}

function rfmMembers({ buyers, customers, today }: Shop, days: number): readonly Member[] {
  const upToToday = buyers.filter((buyer) => buyer.first.day <= today);
  const recent = upToToday.flatMap((buyer) => recencyOf(buyer, today, days));
  const known = sumOf(upToToday, (buyer) => (buyer.isCustomer ? 1 : 0));
  const nothing = { orders: 0, spendCents: 0 };
  return [
    ...scored(recent),
    ...Array.from({ length: upToToday.length - recent.length }, () => ({ segment: "DORMANT", ...nothing })),
    ...Array.from({ length: customers.size - known }, () => ({ segment: "PROSPECTS", ...nothing })),
  ];
}

interface Recent {
  /** Days from the last order to today. */
  readonly recency: number;
  readonly orders: number;
  readonly spendCents: number;
}

/** One item for a buyer with orders in the window, none for another. */
function recencyOf({ orders }: Buyer, today: number, days: number): readonly Recent[] {
  const own = orders.filter(({ day }) => day > today - days && day <= today);
  const last = own.at(-1);
  if (last === undefined) return [];
  const spendCents = sumOf(own, (order) => order.netCents);
  return [{ recency: today - last.day, orders: own.length, spendCents }];
}

function scored(recent: readonly Recent[]): readonly Member[] {
  const recency = scores(recent.map((buyer) => -buyer.recency));
  const frequency = scores(recent.map((buyer) => buyer.orders));
  const monetary = scores(recent.map((buyer) => buyer.spendCents));
  return recent.map(({ orders, spendCents }, index) => {
    const both = (frequency[index] ?? 1) + (monetary[index] ?? 1);
    const segment = segmentTable[recency[index] ?? 1]?.[Math.floor(both / 2) - 1] ?? "";
    return { segment, orders, spendCents };
  });
}

/** 1 + floor(5 x (how many values are smaller) / (how many there are)), for each value. */
function scores(values: readonly number[]): readonly number[] {
  const smaller = new Map<number, number>();
  for (const [index, value] of [...values].sort((a, b) => a - b).entries())
    if (!smaller.has(value)) smaller.set(value, index);
  return values.map((value) => 1 + Math.floor((5 * (smaller.get(value) ?? 0)) / values.length));
}
