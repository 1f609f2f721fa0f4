/*
description: >
  How many products there are, and what they cost, by category.
*/
SELECT
  category,
  count() AS products,
  countIf(is_active) AS active_products,
  countIf(NOT is_active) AS inactive_products,
  toDecimal64(round(toDecimal128(sum(current_price), 8) / nullIf(count(current_price), 0), 2), 2) AS average_price,
  min(current_price) AS lowest_price,
  max(current_price) AS highest_price
FROM gold.dim_products
GROUP BY category
ORDER BY products DESC, category
