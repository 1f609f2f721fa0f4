/*
description: >
  Active products at their reorder level or below, emptiest first.
parameters:
  limit: 50
*/
SELECT product_id, product_name, category, current_stock, reorder_level, stock_status
FROM gold.agg_inventory_status
WHERE is_active AND current_stock <= reorder_level
ORDER BY current_stock, product_id
LIMIT {limit:UInt32}
