/*
description: >
  Budget per conversion and per new customer, by channel. The budget stands for the spend. A new customer is one whose first
  order came through a campaign of the channel.
*/
SELECT
  c.channel AS channel,
  c.budget AS budget,
  c.conversions AS conversions,
  toDecimal64(round(toDecimal128(c.budget, 8) / nullIf(c.conversions, 0), 2), 2) AS cost_per_conversion,
  ifNull(n.new_customers, 0) AS new_customers,
  toDecimal64(round(toDecimal128(c.budget, 8) / nullIf(new_customers, 0), 2), 2) AS cost_per_new_customer
FROM (
  SELECT channel, sum(p.budget) AS budget, sum(p.total_conversions) AS conversions
  FROM gold.agg_campaign_performance AS p
  GROUP BY channel
) AS c
LEFT JOIN (
  SELECT a.channel AS channel, count() AS new_customers
  FROM (
    SELECT customer_id, argMin(ifNull(campaign_id, 0), (order_date, order_id)) AS campaign_id
    FROM gold.fact_customer_orders
    WHERE is_counted AND currency = {currency:String}
    GROUP BY customer_id
  ) AS f
  INNER JOIN gold.agg_campaign_performance AS a ON a.campaign_id = f.campaign_id
  GROUP BY channel
) AS n ON n.channel = c.channel
ORDER BY channel
