/*
description: >
  Customers by what they spent: goods after discount, before tax and shipping, returns not taken off.
parameters:
  limit: 20
*/
SELECT
  o.customer_id AS customer_id,
  any(if(c.customer_segment = '', 'Unknown', c.customer_segment)) AS customer_segment,
  count() AS orders,
  sum(o.net_amount) AS spend,
  toDecimal64(round(toDecimal128(sum(o.net_amount), 8) / nullIf(count(), 0), 2), 2) AS average_order_value
FROM gold.fact_customer_orders AS o
LEFT JOIN gold.dim_customers AS c ON c.customer_key = o.customer_key
WHERE o.is_counted AND o.currency = {currency:String}
GROUP BY customer_id
ORDER BY spend DESC, customer_id
LIMIT {limit:UInt32}
