/*
description: >
  Campaigns by return on investment.
parameters:
  limit: 10
*/
SELECT campaign_id, campaign_name, channel, budget, total_revenue AS revenue, roi_percentage AS roi_percent
FROM gold.agg_campaign_performance
WHERE budget > 0
ORDER BY toDecimal128(total_revenue, 16) / budget DESC, campaign_id
LIMIT {limit:UInt32}
