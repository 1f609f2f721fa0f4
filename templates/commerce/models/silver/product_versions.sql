/*
description: Every version of a product that was received. The newest one is in silver.products, prices and costs over time in gold.dim_products_history.
key: [product_id, last_updated]
newest_by: _ingested_at
columns:
  product_key: { description: "Surrogate key: a hash of the shop's number, so it is the same after every rebuild" }
  category: { description: "Trimmed, each word with a capital; 'Unknown' when the shop has none" }
  brand: { description: "Trimmed, upper case" }
*/
SELECT
  product_id,
  toInt64(bitShiftRight(sipHash64('product', toString(product_id)), 1)) AS product_key,
  product_name,
  sku,
  initcapUTF8(trim(ifNull(category, 'Unknown'))) AS category,
  initcapUTF8(trim(ifNull(subcategory, 'Unknown'))) AS subcategory,
  upperUTF8(trim(ifNull(brand, 'Unknown'))) AS brand,
  toDecimal64(price, 4) AS price,
  toDecimal64(cost, 4) AS cost,
  stock_quantity,
  reorder_level,
  supplier_id,
  weight_kg,
  dimensions_cm,
  is_active,
  created_date,
  last_updated,
  _ingested_at
FROM bronze.shop_products
