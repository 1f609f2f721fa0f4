/*
description: One row per product, with its margin and the state of its stock.
key: product_id
newest_by: [last_updated, _ingested_at]
columns:
  sku: { checks: [unique] }
  category: { checks: [not_null] }
  price: { checks: [{ accepted_range: { min: 0 } }] }
  margin_percent: { description: "(price - cost) / price * 100, two digits; NULL when the price is 0" }
  stock_status: { description: "Out of Stock, Low Stock (at the reorder level or below) or In Stock" }
checks: [{ row_count: { min: 1 } }]
*/
SELECT
  product_id,
  product_name,
  sku,
  category,
  subcategory,
  brand,
  toDecimal64(price, 4) AS price,
  toDecimal64(cost, 4) AS cost,
  if(price = 0, NULL, round((toDecimal128(price, 6) - cost) * 100 / nullIf(price, 0), 2)) AS margin_percent,
  stock_quantity,
  reorder_level,
  multiIf(stock_quantity = 0, 'Out of Stock', stock_quantity <= reorder_level, 'Low Stock', 'In Stock') AS stock_status,
  is_active,
  last_updated,
  _ingested_at
FROM bronze.shop_products
