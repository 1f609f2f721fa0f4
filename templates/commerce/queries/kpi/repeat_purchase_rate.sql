/*
description: Customers with two or more orders / customers with at least one. Cancelled orders do not count.
*/
SELECT
  count() AS customers_with_orders,
  countIf(orders >= 2) AS repeat_customers,
  toDecimal64(round(toDecimal64(countIf(orders >= 2) * 100, 4) / nullIf(count(), 0), 1), 1) AS repeat_purchase_rate_percent
FROM (
  SELECT customer_id, count() AS orders
  FROM gold.fact_customer_orders
  WHERE is_counted
  GROUP BY customer_id
)
