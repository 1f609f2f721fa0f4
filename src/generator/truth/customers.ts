/** KPIs of who buys. */
import { monthOf, monthText } from "./days.ts";
import { money, moneyPer, percent, ratio } from "./exact.ts";
import { ascending, by, descending, groupBy, sumOf } from "./group.ts";
import { kpi } from "./kpi.ts";
import { completeMonths } from "./sales.ts";
import type { Buyer } from "./shop.ts";
import { grossProfit } from "./value.ts";

/** By name. Definitions: docs/kpis.md. */
export const customerKpis = {
  customers_by_segment: kpi({}, ({ customers }) =>
    [...groupBy(customers.values(), ({ segment }) => segment)]
      .map(([segment, own]) => ({
        customer_segment: segment,
        customers: own.length,
        share_percent: percent(own.length, customers.size),
      }))
      .sort(
        by(
          descending((row) => row.customers),
          ascending((row) => row.customer_segment),
        ),
      ),
  ),

  top_customers: kpi({ limit: 20 }, ({ buyers }, { limit }) =>
    [...buyers]
      .sort(
        by(
          descending((buyer) => buyer.spendCents),
          ascending((buyer) => buyer.id),
        ),
      )
      .slice(0, limit)
      .map((buyer) => ({
        customer_id: buyer.id,
        customer_segment: buyer.segment,
        orders: buyer.orders.length,
        spend: money(buyer.spendCents),
        average_order_value: moneyPer(buyer.spendCents, buyer.orders.length),
      })),
  ),

  purchase_frequency: kpi({}, ({ buyers }) => {
    const bands = groupBy(buyers, bandOf);
    return ["One-time", "Occasional", "Loyal"].flatMap((band) => {
      const own = bands.get(band);
      if (own === undefined) return [];
      const { orders, spendCents } = totals(own);
      const share_percent = percent(own.length, buyers.length);
      return [{ band, customers: own.length, share_percent, orders, spend: money(spendCents) }];
    });
  }),

  customer_value_by_segment: kpi({}, ({ buyers }) =>
    [...groupBy(buyers, (buyer) => buyer.segment)]
      .map(([segment, own]) => {
        const { orders, spendCents } = totals(own);
        const { profitCents } = grossProfit(own.flatMap((buyer) => buyer.orders));
        return {
          customer_segment: segment,
          customers: own.length,
          orders,
          revenue: money(spendCents),
          average_spend: moneyPer(spendCents, own.length),
          orders_per_customer: ratio(orders, own.length, 2),
          gross_profit: money(profitCents),
          gross_profit_per_customer: moneyPer(profitCents, own.length),
        };
      })
      .sort(ascending((row) => row.customer_segment)),
  ),

  customer_funnel: kpi({}, ({ customers, buyers }) => {
    const known = buyers.filter((buyer) => buyer.isCustomer);
    const several = known.filter((buyer) => buyer.orders.length > 1);
    const steps: readonly (readonly [string, number])[] = [
      ["1 customers", customers.size],
      ["2 with an order", known.length],
      ["3 with several orders", several.length],
    ];
    return steps.map(([step, count]) => ({
      step,
      customers: count,
      percent_of_customers_percent: percent(count, customers.size),
    }));
  }),

  new_customers: kpi({ months: 12 }, ({ customers, buyers, today }, { months }) => {
    const registered = groupBy(customers.values(), (customer) => monthOf(customer.registeredOn));
    const began = groupBy(buyers, (buyer) => monthOf(buyer.first.day));
    return completeMonths(today, months).map((month) => ({
      month: monthText(month),
      registrations: registered.get(month)?.length ?? 0,
      first_time_buyers: began.get(month)?.length ?? 0,
    }));
  }),

  sales_by_country: kpi({}, ({ buyers }) =>
    [...groupBy(buyers, (buyer) => buyer.country)]
      .map(([country, own]) => ({ country, customers: own.length, ...totals(own) }))
      .sort(
        by(
          descending((row) => row.spendCents),
          ascending((row) => row.country),
        ),
      )
      .map(({ country, customers, orders, spendCents }) => ({
        country,
        customers,
        orders,
        revenue: money(spendCents),
        average_order_value: moneyPer(spendCents, orders),
      })),
  ),
};

function bandOf({ orders }: Buyer): string {
  if (orders.length === 1) return "One-time";
  return orders.length <= 5 ? "Occasional" : "Loyal";
}

function totals(buyers: readonly Buyer[]): { readonly orders: number; readonly spendCents: number } {
  return {
    orders: sumOf(buyers, (buyer) => buyer.orders.length),
    spendCents: sumOf(buyers, (buyer) => buyer.spendCents),
  };
}
