/*
description: >
  Buyers of a month who had ordered in an earlier month, for the complete months before this one.
parameters:
  months: 12
*/
WITH toStartOfMonth({today:Date}) AS this_month
SELECT
  b.month AS month,
  count() AS customers,
  countIf(b.month > f.first_month) AS returning_customers,
  toDecimal64(round(toDecimal128(countIf(b.month > f.first_month), 8) * 100 / nullIf(count(), 0), 2), 2) AS returning_percent
FROM (
  SELECT DISTINCT toStartOfMonth(order_day) AS month, customer_id
  FROM gold.fact_customer_orders
  WHERE is_counted AND currency = {currency:String}
    AND order_day >= addMonths(this_month, -{months:UInt16}) AND order_day < this_month
) AS b
INNER JOIN (
  SELECT customer_id, toStartOfMonth(min(order_day)) AS first_month
  FROM gold.fact_customer_orders
  WHERE is_counted AND currency = {currency:String}
  GROUP BY customer_id
) AS f ON f.customer_id = b.customer_id
GROUP BY month
ORDER BY month
