/*
description: >
  Customers who ordered before, but not in the last days.
parameters:
  days: 180
*/
SELECT
  count() AS customers_with_orders,
  countIf(last_day <= {today:Date} - {days:UInt16}) AS churned_customers,
  toDecimal64(round(toDecimal128(countIf(last_day <= {today:Date} - {days:UInt16}), 8) * 100 / nullIf(count(), 0), 2), 2) AS churn_percent
FROM (
  SELECT max(order_day) AS last_day
  FROM gold.fact_customer_orders
  WHERE is_counted AND currency = {currency:String} AND order_day <= {today:Date}
  GROUP BY customer_id
)
