-- One row per product, newest version wins, with its margin and the state of its stock.
SELECT
  product_id::INTEGER AS product_id,
  product_name,
  sku,
  {{ initcap("coalesce(category, 'Unknown')") }} AS category,
  {{ initcap("coalesce(subcategory, 'Unknown')") }} AS subcategory,
  upper(trim(coalesce(brand, 'Unknown'))) AS brand,
  price::DECIMAL(10, 2) AS price,
  cost::DECIMAL(10, 2) AS cost,
  stock_quantity::INTEGER AS stock_quantity,
  reorder_level::INTEGER AS reorder_level,
  supplier_id::INTEGER AS supplier_id,
  weight_kg::DECIMAL(8, 2) AS weight_kg,
  dimensions_cm,
  is_active,
  created_date,
  last_updated,
  {{ ratio('price - cost', 'price', 100) }} AS profit_margin,
  CASE
    WHEN stock_quantity <= 0 THEN 'Out of Stock'
    WHEN stock_quantity <= reorder_level THEN 'Low Stock'
    ELSE 'In Stock'
  END AS stock_status
FROM {{ source('shop', 'products') }}
{{ newest('product_id', 'last_updated') }}
