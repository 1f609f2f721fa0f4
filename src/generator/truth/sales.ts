/** KPIs of sales over time. Sales count on the day of their order, returns on the day they were completed. */
import { dayText, monthOf, monthText } from "./days.ts";
import { money, moneyPer, percent, ratio } from "./exact.ts";
import { sumOf } from "./group.ts";
import { kpi, type Row } from "./kpi.ts";
import { type LineSums, type Shop, sumLines } from "./shop.ts";

/** By name. Definitions: docs/kpis.md. */
export const salesKpis = {
  daily_sales: kpi({ days: 30 }, (shop, { days }) => {
    const sales = salesByPeriod(shop, (day) => (day > shop.today - days && day <= shop.today ? day : null));
    return inOrder(sales).map(([day, sums]) => ({ day: dayText(day), ...periodColumns(sums) }));
  }),

  monthly_sales: kpi({}, (shop) =>
    inOrder(salesByPeriod(shop, monthOf)).map(([month, sums]) => ({
      month: monthText(month),
      ...periodColumns(sums),
    })),
  ),

  month_over_month: kpi({ months: 12 }, (shop, { months }) => {
    const sales = salesByPeriod(shop, monthOf);
    const netOf = (month: number) => netSales(sales.get(month) ?? nothing());
    return completeMonths(shop.today, months).map((month) => {
      const [net, previous] = [netOf(month), netOf(month - 1)];
      return {
        month: monthText(month),
        net_sales: money(net),
        previous_net_sales: money(previous),
        growth_percent: percent(net - previous, previous),
      };
    });
  }),

  overview: kpi({}, (shop) => {
    const { units, ...sums } = sumLines(shop.counted);
    const [orders, spend] = [shop.counted.length, sumOf(shop.counted, (order) => order.netCents)];
    return [
      {
        customers: shop.customers.size,
        customers_with_orders: shop.buyers.filter((buyer) => buyer.isCustomer).length,
        orders,
        units,
        net_sales: money(netSales(sums)),
        average_order_value: moneyPer(spend, orders),
        units_per_order: ratio(units, orders, 2),
        revenue_per_customer: moneyPer(spend, shop.buyers.length),
      },
    ];
  }),

  average_order_value: kpi({}, ({ counted }) => {
    const spend = sumOf(counted, (order) => order.netCents);
    return [
      {
        orders: counted.length,
        sales_after_discount: money(spend),
        average_order_value: moneyPer(spend, counted.length),
      },
    ];
  }),
};

/** The `months` months before the month of `today`, the earliest first. */
export function completeMonths(today: number, months: number): readonly number[] {
  const end = monthOf(today);
  return Array.from({ length: months }, (_, index) => end - months + index);
}

/** units, gross_sales, discounts, returns and net_sales. */
export function salesColumns(sums: Omit<LineSums, "returnedUnits">): Row {
  return {
    units: sums.units,
    gross_sales: money(sums.grossCents),
    discounts: money(sums.grossCents - sums.revenueCents),
    returns: money(sums.returnsCents),
    net_sales: money(netSales(sums)),
  };
}

/** gross - discounts - returns */
export function netSales(sums: Pick<LineSums, "revenueCents" | "returnsCents">): number {
  return sums.revenueCents - sums.returnsCents;
}

interface PeriodSums {
  orders: number;
  readonly customers: Set<number>;
  spendCents: number;
  units: number;
  grossCents: number;
  revenueCents: number;
  returnsCents: number;
}

function nothing(): PeriodSums {
  return {
    orders: 0,
    customers: new Set(),
    spendCents: 0,
    units: 0,
    grossCents: 0,
    revenueCents: 0,
    returnsCents: 0,
  };
}

/** `periodOf` gives the period of a day, null for a day that is left out. */
function salesByPeriod(shop: Shop, periodOf: (day: number) => number | null): Map<number, PeriodSums> {
  const periods = new Map<number, PeriodSums>();
  const sumsOn = (day: number): PeriodSums => {
    const period = periodOf(day);
    const sums = (period === null ? undefined : periods.get(period)) ?? nothing();
    if (period !== null) periods.set(period, sums);
    return sums;
  };
  for (const { day, customerId, netCents, lines } of shop.counted) {
    const sums = sumsOn(day);
    sums.orders += 1;
    sums.customers.add(customerId);
    sums.spendCents += netCents;
    for (const line of lines) {
      sums.units += line.quantity;
      sums.grossCents += line.grossCents;
      sums.revenueCents += line.revenueCents;
      if (line.returnedOn !== null) sumsOn(line.returnedOn).returnsCents += line.revenueCents;
    }
  }
  return periods;
}

function periodColumns(sums: PeriodSums): Row {
  return {
    orders: sums.orders,
    customers: sums.customers.size,
    ...salesColumns(sums),
    average_order_value: moneyPer(sums.spendCents, sums.orders),
  };
}

function inOrder<Value>(periods: ReadonlyMap<number, Value>): readonly (readonly [number, Value])[] {
  return [...periods].sort(([a], [b]) => a - b);
}
