/*
description: >
  Buyers by how often they bought: One-time 1, Occasional 2 to 5, Loyal more than 5 orders.
*/
SELECT
  multiIf(c.orders = 1, 'One-time', c.orders <= 5, 'Occasional', 'Loyal') AS band,
  count() AS customers,
  toDecimal64(round(toDecimal128(count(), 8) * 100 / nullIf(sum(count()) OVER (), 0), 2), 2) AS share_percent,
  sum(c.orders) AS orders,
  sum(c.spend) AS spend
FROM (
  SELECT customer_id, count() AS orders, sum(net_amount) AS spend
  FROM gold.fact_customer_orders
  WHERE is_counted AND currency = {currency:String}
  GROUP BY customer_id
) AS c
GROUP BY band
ORDER BY min(c.orders)
