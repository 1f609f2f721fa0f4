/*
description: What a unit of a product cost the shop, over time. The first cost known counts from the product's beginning.
key: [product_id, valid_from]
*/
SELECT product_id, if(nth = 1, created_date, last_updated) AS valid_from, cost
FROM (
  SELECT
    product_id,
    created_date,
    last_updated,
    cost,
    row_number() OVER by_time AS nth,
    lagInFrame(cost) OVER by_time AS cost_before
  FROM silver.product_versions
  WINDOW by_time AS (PARTITION BY product_id ORDER BY last_updated)
)
WHERE nth = 1 OR cost IS DISTINCT FROM cost_before
