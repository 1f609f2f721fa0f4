/*
description: Products over time (slowly changing dimension, type 2). A row per state of the attributes that matter; a change of stock alone is not a new state.
key: [product_key, valid_from]
columns:
  product_version_key: { description: "Surrogate key of this state, the same after every rebuild", checks: [unique] }
  product_key: { description: "Surrogate key of the product, the same in all states and in the facts" }
  valid_from: { description: "First moment of this state, included. The first known state counts from the product's creation on" }
  valid_to: { description: "First moment of the next state; NULL for the current one" }
  is_current: { description: "True for the newest state of a product" }
*/
SELECT
  toInt64(bitShiftRight(sipHash64('product version', toString(product_id), valid_from), 1)) AS product_version_key,
  product_key,
  product_id,
  product_name,
  sku,
  category,
  subcategory,
  brand,
  price,
  cost,
  is_active,
  valid_from,
  leadInFrame(toNullable(valid_from)) OVER states AS valid_to,
  (valid_to IS NULL)::Bool AS is_current
FROM (
  SELECT
    *,
    if(nth = 1, least(created_date, last_updated), last_updated) AS valid_from
  FROM (
    SELECT
      *,
      row_number() OVER received AS nth,
      (product_name, sku, category, subcategory, brand, price, cost, is_active) AS state,
      lagInFrame(state) OVER received AS state_before
    FROM silver.product_versions
    WINDOW received AS (PARTITION BY product_id ORDER BY last_updated)
  )
  WHERE nth = 1 OR state IS DISTINCT FROM state_before
)
WINDOW states AS (PARTITION BY product_id ORDER BY valid_from ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
