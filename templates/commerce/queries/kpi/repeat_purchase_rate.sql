/*
description: >
  Customers with two or more orders / customers with at least one.
*/
SELECT
  count() AS customers_with_orders,
  countIf(orders >= 2) AS repeat_customers,
  toDecimal64(round(toDecimal128(countIf(orders >= 2), 8) * 100 / nullIf(count(), 0), 2), 2) AS repeat_purchase_percent
FROM (
  SELECT customer_id, count() AS orders
  FROM gold.fact_customer_orders
  WHERE is_counted AND currency = {currency:String}
  GROUP BY customer_id
)
