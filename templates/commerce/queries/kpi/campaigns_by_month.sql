/*
description: >
  Campaigns by the month they started in.
*/
SELECT
  toStartOfMonth(start_date) AS month,
  count() AS campaigns,
  sum(c.budget) AS budget,
  sum(c.total_revenue) AS revenue,
  sum(c.total_conversions) AS conversions,
  toDecimal64(round(toDecimal128(sum(c.total_revenue) - sum(c.budget), 8) * 100 / nullIf(sum(c.budget), 0), 2), 2) AS roi_percent
FROM gold.agg_campaign_performance AS c
GROUP BY month
ORDER BY month
