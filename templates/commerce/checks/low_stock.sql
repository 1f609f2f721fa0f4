/*
dataset: gold.agg_inventory_status
description: Active products at their reorder level or below. Somebody should order.
severity: warn
dimension: validity
*/
SELECT product_id, product_name, current_stock, reorder_level
FROM gold.agg_inventory_status
WHERE is_active AND current_stock <= reorder_level
