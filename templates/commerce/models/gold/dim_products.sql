/*
description: One row per product, as known now (type 1). The history is in dim_products_history.
tags: reporting
key: product_key
columns:
  product_key: { description: "Surrogate key, the same after every rebuild" }
  product_id: { description: "The shop's own number", checks: [unique] }
  effective_date: { description: "Day (UTC) since which the attributes are as they are" }
*/
-- Unlike 003: the key is a hash of the shop's number and does not move when the table is rebuilt.
SELECT
  product_key,
  product_id,
  product_name,
  sku,
  category,
  subcategory,
  brand,
  price AS current_price,
  cost AS current_cost,
  is_active,
  toDate(valid_from) AS effective_date
FROM gold.dim_products_history
WHERE is_current
