-- One row per campaign, newest version wins, with its ratios.
SELECT
  campaign_id::INTEGER AS campaign_id,
  campaign_name,
  upper(trim(channel)) AS channel,
  start_date,
  end_date,
  (end_date - start_date + 1)::INTEGER AS duration_days,
  budget::DECIMAL(12, 2) AS budget,
  target_segment,
  impressions,
  clicks,
  conversions,
  revenue_generated::DECIMAL(14, 2) AS revenue,
  roi::DECIMAL(12, 2) AS reported_roi,
  {{ ratio('revenue_generated - budget', 'budget', 100) }} AS roi_percentage,
  {{ ratio('clicks', 'impressions', 100) }} AS ctr,
  {{ ratio('conversions', 'clicks', 100) }} AS conversion_rate,
  {{ ratio('budget', 'clicks') }} AS cost_per_click,
  {{ ratio('budget', 'conversions') }} AS cost_per_conversion,
  updated_at
FROM {{ source('shop', 'marketing_campaigns') }}
WHERE end_date >= start_date AND clicks <= impressions AND conversions <= clicks
{{ newest('campaign_id', 'updated_at') }}
