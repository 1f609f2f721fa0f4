/*
description: >
  Orders and their value by status, cancelled ones included.
*/
SELECT
  order_status,
  count() AS orders,
  toDecimal64(round(toDecimal128(count(), 8) * 100 / nullIf(sum(count()) OVER (), 0), 2), 2) AS share_percent,
  sum(o.total_amount) AS total_amount
FROM gold.fact_customer_orders AS o
WHERE currency = {currency:String}
GROUP BY order_status
ORDER BY orders DESC, order_status
