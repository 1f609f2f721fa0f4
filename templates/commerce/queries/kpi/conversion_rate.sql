/*
description: >
  Clicks that became orders, over all campaigns.
*/
SELECT
  sum(total_impressions) AS impressions,
  sum(total_clicks) AS clicks,
  sum(total_conversions) AS conversions,
  toDecimal64(round(toDecimal128(sum(total_clicks), 8) * 100 / nullIf(sum(total_impressions), 0), 2), 2) AS ctr_percent,
  toDecimal64(round(toDecimal128(sum(total_conversions), 8) * 100 / nullIf(sum(total_clicks), 0), 2), 2) AS conversion_rate_percent
FROM gold.agg_campaign_performance
