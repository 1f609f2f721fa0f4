/*
description: >
  How many customers ordered, and how many of them again.
*/
WITH (SELECT count() FROM gold.dim_customers) AS everybody
SELECT
  f.1 AS step,
  f.2 AS customers,
  toDecimal64(round(toDecimal128(f.2, 8) * 100 / nullIf(everybody, 0), 2), 2) AS percent_of_customers_percent
FROM (
  SELECT arrayJoin([
    ('1 customers', everybody),
    ('2 with an order', count()),
    ('3 with several orders', countIf(orders > 1))
  ]) AS f
  FROM (
    SELECT customer_key, count() AS orders
    FROM gold.fact_customer_orders
    WHERE is_counted AND currency = {currency:String} AND customer_key IS NOT NULL
    GROUP BY customer_key
  )
)
ORDER BY step
