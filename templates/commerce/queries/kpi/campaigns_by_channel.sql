/*
description: >
  What the channels cost and brought. Ratios are of the sums, not means of the campaigns' ratios; NULL without a divisor.
*/
-- Unlike 003: ratios of sums, not averages of the campaigns' ratios.
SELECT
  channel,
  count() AS campaigns,
  sum(c.budget) AS budget,
  sum(c.total_impressions) AS impressions,
  sum(c.total_clicks) AS clicks,
  sum(c.total_conversions) AS conversions,
  sum(c.total_revenue) AS revenue,
  toDecimal64(round(toDecimal128(sum(c.total_clicks), 8) * 100 / nullIf(sum(c.total_impressions), 0), 2), 2) AS ctr_percent,
  toDecimal64(round(toDecimal128(sum(c.total_conversions), 8) * 100 / nullIf(sum(c.total_clicks), 0), 2), 2) AS conversion_rate_percent,
  toDecimal64(round(toDecimal128(sum(c.budget), 8) / nullIf(sum(c.total_clicks), 0), 2), 2) AS cost_per_click,
  toDecimal64(round(toDecimal128(sum(c.budget), 8) / nullIf(sum(c.total_conversions), 0), 2), 2) AS cost_per_conversion,
  toDecimal64(round(toDecimal128(sum(c.total_revenue), 8) / nullIf(sum(c.budget), 0), 2), 2) AS roas,
  toDecimal64(round(toDecimal128(sum(c.total_revenue) - sum(c.budget), 8) * 100 / nullIf(sum(c.budget), 0), 2), 2) AS roi_percent
FROM gold.agg_campaign_performance AS c
GROUP BY channel
ORDER BY channel
