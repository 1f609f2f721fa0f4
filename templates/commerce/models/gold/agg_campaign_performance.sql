/*
description: "One row per campaign: what it cost, what it brought. Ratios of a campaign without impressions, clicks or conversions are NULL."
tags: reporting
key: campaign_id
columns:
  roi_percentage: { description: "(total_revenue - budget) / budget * 100" }
  ctr: { description: total_clicks / total_impressions * 100 }
  conversion_rate: { description: total_conversions / total_clicks * 100 }
  cost_per_click: { description: budget / total_clicks }
  cost_per_conversion: { description: budget / total_conversions }
  roas: { description: total_revenue / budget }
*/
-- Unlike 003: a ratio without a divisor is NULL, neither infinity nor 0.
SELECT
  campaign_id,
  campaign_name,
  channel,
  start_date,
  end_date,
  budget,
  target_segment,
  impressions AS total_impressions,
  clicks AS total_clicks,
  conversions AS total_conversions,
  revenue AS total_revenue,
  roi_percentage,
  ctr,
  conversion_rate,
  cost_per_click,
  cost_per_conversion,
  toDecimal64(round(toDecimal128(revenue, 8) / nullIf(budget, 0), 2), 2) AS roas,
  updated_at
FROM silver.marketing_campaigns
