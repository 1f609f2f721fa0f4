/*
dataset: gold.fact_daily_sales
description: Lines that no sale holds because their order or product is not known (deleted in the shop, or rejected).
severity: warn
*/
SELECT order_item_id, order_id, product_id, line_total
FROM silver.order_items
WHERE order_id NOT IN (SELECT order_id FROM silver.orders)
  OR product_id NOT IN (SELECT product_id FROM silver.products)
