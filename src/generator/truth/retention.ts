/** KPIs of customers who come back, or do not. */
import { monthOf, monthText } from "./days.ts";
import { percent } from "./exact.ts";
import { groupBy } from "./group.ts";
import { kpi } from "./kpi.ts";
import { completeMonths } from "./sales.ts";
import type { Buyer } from "./shop.ts";

/** By name. Definitions: docs/kpis.md. */
export const retentionKpis = {
  repeat_purchase_rate: kpi({}, ({ buyers }) => {
    const repeat = buyers.filter((buyer) => buyer.orders.length >= 2).length;
    return [
      {
        customers_with_orders: buyers.length,
        repeat_customers: repeat,
        repeat_purchase_percent: percent(repeat, buyers.length),
      },
    ];
  }),

  returning_customers: kpi({ months: 12 }, ({ buyers, today }, { months }) => {
    const active = activeBuyers(buyers);
    return completeMonths(today, months).flatMap((month) => {
      const own = active.get(month);
      if (own === undefined) return [];
      const returning = own.filter((buyer) => monthOf(buyer.first.day) < month).length;
      return [
        {
          month: monthText(month),
          customers: own.length,
          returning_customers: returning,
          returning_percent: percent(returning, own.length),
        },
      ];
    });
  }),

  retention_cohorts: kpi({ months: 12 }, ({ buyers, today }, { months }) => {
    const thisMonth = monthOf(today);
    const active = activeBuyers(buyers);
    const cohorts = groupBy(buyers, (buyer) => monthOf(buyer.first.day));
    return completeMonths(today, months).flatMap((month) => {
      const cohort = month + 1;
      const members = new Set(cohorts.get(cohort));
      if (members.size === 0) return [];
      return Array.from({ length: months }, (_, month_number) => {
        const isFuture = cohort + month_number > thisMonth;
        const seen = (active.get(cohort + month_number) ?? []).filter((buyer) => members.has(buyer)).length;
        return {
          cohort: monthText(cohort),
          cohort_size: members.size,
          month_number,
          customers: isFuture ? null : seen,
          retention_percent: isFuture ? null : percent(seen, members.size),
        };
      });
    });
  }),

  churn: kpi({ days: 180 }, ({ buyers, today }, { days }) => {
    const known = buyers.filter((buyer) => buyer.first.day <= today);
    const isActive = (buyer: Buyer) =>
      buyer.orders.some((order) => order.day > today - days && order.day <= today);
    const churned = known.filter((buyer) => !isActive(buyer)).length;
    return [
      {
        customers_with_orders: known.length,
        churned_customers: churned,
        churn_percent: percent(churned, known.length),
      },
    ];
  }),
};

/** The buyers of each month. */
function activeBuyers(buyers: readonly Buyer[]): Map<number, Buyer[]> {
  const months = new Map<number, Buyer[]>();
  for (const buyer of buyers) {
    let last = Number.NaN;
    for (const { day } of buyer.orders) {
      const month = monthOf(day);
      const own = months.get(month);
      if (own === undefined) months.set(month, [buyer]);
      else if (month !== last) own.push(buyer);
      last = month;
    }
  }
  return months;
}
