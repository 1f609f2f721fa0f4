/*
dataset: silver.products
description: Products that cost the shop more than they bring in.
severity: warn
dimension: validity
*/
SELECT product_id, product_name, price, cost
FROM silver.products
WHERE price < cost
