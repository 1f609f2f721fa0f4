/*
dataset: silver.order_items
description: Lines that no sale holds, because their order is not known (deleted in the shop, or in quarantine).
severity: warn
*/
SELECT order_item_id, order_id, product_id, line_total
FROM silver.order_items
WHERE order_id NOT IN (SELECT order_id FROM silver.orders)
