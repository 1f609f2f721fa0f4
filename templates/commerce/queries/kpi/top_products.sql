/*
description: >
  Products by net sales.
parameters:
  limit: 20
*/
SELECT
  l.product_id AS product_id,
  any(if(p.product_name = '', 'Unknown', p.product_name)) AS product_name,
  any(l.category) AS category,
  sum(l.quantity) AS units,
  sum(l.gross_sales) AS gross_sales,
  sum(l.discount) AS discounts,
  sumIf(l.revenue, l.is_returned) AS returns,
  sumIf(l.revenue, NOT l.is_returned) AS net_sales
FROM gold.fact_order_lines AS l
LEFT JOIN gold.dim_products AS p ON p.product_key = l.product_key
WHERE l.is_counted AND l.currency = {currency:String}
GROUP BY product_id
ORDER BY net_sales DESC, product_id
LIMIT {limit:UInt32}
