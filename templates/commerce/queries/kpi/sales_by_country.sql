/*
description: >
  Buyers, orders and revenue by the customer's country.
*/
SELECT
  if(c.country = '', 'Unknown', c.country) AS country,
  uniqExact(o.customer_id) AS customers,
  count() AS orders,
  sum(o.net_amount) AS revenue,
  toDecimal64(round(toDecimal128(sum(o.net_amount), 8) / nullIf(count(), 0), 2), 2) AS average_order_value
FROM gold.fact_customer_orders AS o
LEFT JOIN gold.dim_customers AS c ON c.customer_key = o.customer_key
WHERE o.is_counted AND o.currency = {currency:String}
GROUP BY country
ORDER BY revenue DESC, country
