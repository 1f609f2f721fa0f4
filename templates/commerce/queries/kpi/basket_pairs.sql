/*
description: >
  Products that are bought together. support: share of all orders with both; confidence: share of the orders with a that have
  b; lift: how many times more often than by chance.
parameters:
  days: 90
  limit: 20
*/
WITH
  baskets AS (
    SELECT order_id, groupUniqArray(product_id) AS products
    FROM gold.fact_order_lines
    WHERE is_counted AND currency = {currency:String} AND order_day > {today:Date} - {days:UInt16} AND order_day <= {today:Date}
    GROUP BY order_id
  ),
  singles AS (
    SELECT arrayJoin(products) AS product_id, count() AS orders
    FROM baskets
    GROUP BY product_id
  ),
  (SELECT count() FROM baskets) AS everything
SELECT
  p.product_a AS product_a,
  p.product_b AS product_b,
  p.orders AS orders,
  toDecimal64(round(toDecimal128(p.orders, 8) * 100 / nullIf(everything, 0), 2), 2) AS support_percent,
  toDecimal64(round(toDecimal128(p.orders, 8) * 100 / nullIf(a.orders, 0), 2), 2) AS confidence_percent,
  toDecimal64(round(toDecimal128(p.orders * everything, 8) / nullIf(toUInt64(a.orders) * b.orders, 0), 2), 2) AS lift
FROM (
  SELECT pair.1 AS product_a, pair.2 AS product_b, count() AS orders
  FROM (
    SELECT arrayJoin(arrayFlatten(arrayMap(x -> arrayMap(y -> (x, y), arrayFilter(y -> y > x, products)), products))) AS pair
    FROM baskets
    WHERE length(products) > 1
  )
  GROUP BY product_a, product_b
  ORDER BY orders DESC, product_a, product_b
  LIMIT {limit:UInt32}
) AS p
INNER JOIN singles AS a ON a.product_id = p.product_a
INNER JOIN singles AS b ON b.product_id = p.product_b
ORDER BY orders DESC, product_a, product_b
