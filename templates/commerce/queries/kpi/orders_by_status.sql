/*
description: Orders and their value by status, cancelled ones included.
parameters:
  currency: EUR
*/
SELECT
  order_status,
  count() AS orders,
  toDecimal64(round(toDecimal64(count() * 100, 4) / nullIf((
    SELECT count() FROM gold.fact_customer_orders WHERE currency = {currency:String}
  ), 0), 1), 1) AS share_percent,
  sum(o.total_amount) AS total_amount
FROM gold.fact_customer_orders AS o
WHERE currency = {currency:String}
GROUP BY order_status
ORDER BY orders DESC, order_status
