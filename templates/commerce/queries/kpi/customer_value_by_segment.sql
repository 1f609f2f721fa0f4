/*
description: >
  What buyers of a segment brought so far (historic customer lifetime value). Gross profit is revenue less cost at the time of
  the sale, over lines that did not come back and whose cost is known.
*/
SELECT
  o.customer_segment AS customer_segment,
  o.customers AS customers,
  o.orders AS orders,
  o.revenue AS revenue,
  toDecimal64(round(toDecimal128(o.revenue, 8) / nullIf(o.customers, 0), 2), 2) AS average_spend,
  toDecimal64(round(toDecimal128(o.orders, 8) / nullIf(o.customers, 0), 2), 2) AS orders_per_customer,
  l.gross_profit AS gross_profit,
  toDecimal64(round(toDecimal128(l.gross_profit, 8) / nullIf(o.customers, 0), 2), 2) AS gross_profit_per_customer
FROM (
  SELECT
    if(c.customer_segment = '', 'Unknown', c.customer_segment) AS customer_segment,
    uniqExact(f.customer_id) AS customers,
    count() AS orders,
    sum(f.net_amount) AS revenue
  FROM gold.fact_customer_orders AS f
  LEFT JOIN gold.dim_customers AS c ON c.customer_id = f.customer_id
  WHERE f.is_counted AND f.currency = {currency:String}
  GROUP BY customer_segment
) AS o
LEFT JOIN (
  SELECT
    if(c.customer_segment = '', 'Unknown', c.customer_segment) AS customer_segment,
    sum(b.gross_profit) AS gross_profit
  FROM (
    SELECT customer_id, sumIf(revenue - cost, NOT is_returned AND cost IS NOT NULL) AS gross_profit
    FROM gold.fact_order_lines
    WHERE is_counted AND currency = {currency:String}
    GROUP BY customer_id
  ) AS b
  LEFT JOIN gold.dim_customers AS c ON c.customer_id = b.customer_id
  GROUP BY customer_segment
) AS l ON l.customer_segment = o.customer_segment
ORDER BY customer_segment
