SELECT
  product_id::BIGINT AS product_key,
  product_id,
  product_name,
  sku,
  category,
  subcategory,
  brand,
  price AS current_price,
  cost AS current_cost,
  is_active,
  least(created_date, last_updated)::DATE AS effective_date
FROM {{ ref('products') }}
