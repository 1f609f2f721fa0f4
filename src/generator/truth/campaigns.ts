/** KPIs of marketing campaigns. */
import type { Campaign } from "../simulation.ts";
import { compareRatios, money, moneyPer, percent, ratio } from "./exact.ts";
import { ascending, by, groupBy, sumOf } from "./group.ts";
import { kpi } from "./kpi.ts";

/** By name. Definitions: docs/kpis.md. */
export const campaignKpis = {
  campaigns_by_channel: kpi({}, ({ campaigns }) =>
    [...groupBy(campaigns.values(), ({ channel }) => channel)]
      .map(([channel, own]) => {
        const { budget, impressions, clicks, conversions, revenue } = added(own);
        return {
          channel,
          campaigns: own.length,
          budget: money(budget),
          impressions,
          clicks,
          conversions,
          revenue: money(revenue),
          ctr_percent: percent(clicks, impressions),
          conversion_rate_percent: percent(conversions, clicks),
          cost_per_click: moneyPer(budget, clicks),
          cost_per_conversion: moneyPer(budget, conversions),
          roas: ratio(revenue, budget, 2),
          roi_percent: percent(revenue - budget, budget),
        };
      })
      .sort(ascending((row) => row.channel)),
  ),

  top_campaigns: kpi({ limit: 10 }, ({ campaigns }, { limit }) =>
    [...campaigns.values()]
      .filter((campaign) => campaign.budgetCents > 0)
      .sort(
        by(
          (a, b) => compareRatios([b.revenueCents, b.budgetCents], [a.revenueCents, a.budgetCents]),
          ascending((campaign) => campaign.id),
        ),
      )
      .slice(0, limit)
      .map(({ id, name, channel, budgetCents, revenueCents }) => ({
        campaign_id: id,
        campaign_name: name,
        channel,
        budget: money(budgetCents),
        revenue: money(revenueCents),
        roi_percent: percent(revenueCents - budgetCents, budgetCents),
      })),
  ),

  campaigns_by_month: kpi({}, ({ campaigns }) =>
    [...groupBy(campaigns.values(), ({ startDate }) => `${startDate.slice(0, 7)}-01`)]
      .map(([month, own]) => {
        const { budget, conversions, revenue } = added(own);
        return {
          month,
          campaigns: own.length,
          budget: money(budget),
          revenue: money(revenue),
          conversions,
          roi_percent: percent(revenue - budget, budget),
        };
      })
      .sort(ascending((row) => row.month)),
  ),

  conversion_rate: kpi({}, ({ campaigns }) => {
    const { impressions, clicks, conversions } = added([...campaigns.values()]);
    return [
      {
        impressions,
        clicks,
        conversions,
        ctr_percent: percent(clicks, impressions),
        conversion_rate_percent: percent(conversions, clicks),
      },
    ];
  }),

  acquisition_cost: kpi({}, ({ campaigns, buyers }) => {
    const won = groupBy(buyers, ({ first }) => campaigns.get(first.campaignId ?? Number.NaN)?.channel);
    return [...groupBy(campaigns.values(), ({ channel }) => channel)]
      .map(([channel, own]) => {
        const { budget, conversions } = added(own);
        const newCustomers = won.get(channel)?.length ?? 0;
        return {
          channel,
          budget: money(budget),
          conversions,
          cost_per_conversion: moneyPer(budget, conversions),
          new_customers: newCustomers,
          cost_per_new_customer: moneyPer(budget, newCustomers),
        };
      })
      .sort(ascending((row) => row.channel));
  }),
};

interface Sums {
  readonly budget: number;
  readonly revenue: number;
  readonly impressions: number;
  readonly clicks: number;
  readonly conversions: number;
}

function added(campaigns: readonly Campaign[]): Sums {
  return {
    budget: sumOf(campaigns, (campaign) => campaign.budgetCents),
    revenue: sumOf(campaigns, (campaign) => campaign.revenueCents),
    impressions: sumOf(campaigns, (campaign) => campaign.impressions),
    clicks: sumOf(campaigns, (campaign) => campaign.clicks),
    conversions: sumOf(campaigns, (campaign) => campaign.conversions),
  };
}
