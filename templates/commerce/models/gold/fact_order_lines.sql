/*
description: One row per line of a known order, with what it was sold and bought for. Lines of cancelled orders are here too, with is_counted = false.
key: order_item_id
partition_by: toStartOfMonth(created_at)
order_by: order_day
columns:
  order_day: { description: The day of the order in the reporting timezone }
  product_key: { description: "NULL when the shop's products do not have it", checks: [{ relationships: { to: gold.dim_products.product_key } }] }
  category: { description: "'Unknown' when the shop's products do not have it" }
  is_counted: { description: "True when the order is a sale: it is not cancelled, and its payment has not failed" }
  gross_sales: { description: "quantity * unit price, before discount, tax and shipping" }
  revenue: { description: "gross_sales - discount" }
  unit_cost: { description: "What a unit cost the shop at the moment of the order; NULL when not known" }
  cost: { description: "quantity * unit_cost" }
  returned_day: { description: "The day the return was completed; NULL without" }
*/
SELECT
  i.order_item_id AS order_item_id,
  i.order_id AS order_id,
  o.order_day AS order_day,
  o.customer_id AS customer_id,
  i.product_id AS product_id,
  nullIf(p.product_key, 0) AS product_key,
  if(p.category = '', 'Unknown', p.category) AS category,
  o.is_counted AS is_counted,
  o.currency AS currency,
  i.quantity AS quantity,
  i.unit_price AS unit_price,
  i.gross_amount AS gross_sales,
  i.discount_amount AS discount,
  i.line_total AS revenue,
  i.tax_amount AS tax,
  c.cost AS unit_cost,
  i.quantity * c.cost AS cost,
  i.is_returned AS is_returned,
  i.returned_day AS returned_day,
  i.created_at AS created_at
FROM silver.order_items AS i
INNER JOIN silver.orders AS o ON o.order_id = i.order_id
LEFT JOIN (SELECT product_id, product_key, category FROM silver.products) AS p ON p.product_id = i.product_id
ASOF LEFT JOIN (
  SELECT product_id, valid_from, toNullable(cost) AS cost FROM silver.product_costs
) AS c ON c.product_id = i.product_id AND c.valid_from <= o.order_date
