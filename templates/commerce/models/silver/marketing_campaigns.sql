/*
description: One row per campaign with its ratios. A ratio whose divisor is 0 is NULL, not infinity and not 0.
key: campaign_id
newest_by: [updated_at, _ingested_at]
columns:
  channel: { description: "EMAIL, SMS, SOCIAL, DISPLAY or SEARCH" }
  target_segment: { checks: [{ accepted_values: { values: [All, Premium, Regular, New], severity: warn } }] }
  budget: { checks: [{ accepted_range: { min: 0 } }] }
  duration_days: { description: "First and last day included" }
  ctr: { description: clicks / impressions * 100 }
  conversion_rate: { description: conversions / clicks * 100 }
  cost_per_click: { description: budget / clicks }
  cost_per_conversion: { description: budget / conversions }
  roi_percentage: { description: "(revenue - budget) / budget * 100, computed here; the shop's own figure is reported_roi" }
reject:
  ends_before_start: end_date < start_date
  clicks_above_impressions: clicks > impressions
  conversions_above_clicks: conversions > clicks
  unknown_channel: channel NOT IN ('EMAIL', 'SMS', 'SOCIAL', 'DISPLAY', 'SEARCH')
checks: [{ rejected: { rules: [unknown_channel], at_least: 20, threshold: "5%" } }]   # no slip any more, but something new
*/
-- Unlike 003: a ratio without a divisor is NULL, neither infinity nor 0.
SELECT
  campaign_id,
  campaign_name,
  upper(trim(channel)) AS channel,
  start_date,
  end_date,
  toInt32(dateDiff('day', start_date, end_date) + 1) AS duration_days,
  toDecimal64(budget, 4) AS budget,
  target_segment,
  impressions,
  clicks,
  conversions,
  toDecimal64(revenue_generated, 4) AS revenue,
  roi AS reported_roi,
  toDecimal64(round(toDecimal128(revenue_generated - budget, 8) * 100 / nullIf(budget, 0), 2), 2) AS roi_percentage,
  toDecimal64(round(toDecimal128(clicks, 8) * 100 / nullIf(impressions, 0), 2), 2) AS ctr,
  toDecimal64(round(toDecimal128(conversions, 8) * 100 / nullIf(clicks, 0), 2), 2) AS conversion_rate,
  toDecimal64(round(toDecimal128(budget, 8) / nullIf(clicks, 0), 2), 2) AS cost_per_click,
  toDecimal64(round(toDecimal128(budget, 8) / nullIf(conversions, 0), 2), 2) AS cost_per_conversion,
  updated_at,
  _ingested_at
FROM bronze.shop_marketing_campaigns
