/*
description: One row per product with its stock and what moved. Rebuilt every day, because the days since the last movement grow.
tags: reporting
key: product_id
columns:
  product_id: { checks: [{ relationships: { to: gold.dim_products.product_id } }] }
  stock_status: { description: "Out of Stock, Low Stock (at the reorder level or below), In Stock, or Overstock (more than ten times the reorder level)" }
  total_in: { description: Units received }
  total_out: { description: "Units sent out, as a positive number" }
  total_adjustments: { description: Signed sum of corrections }
  unexplained_stock: { description: "current_stock less the sum of all movements; NULL for products without movements, which the supplier sends" }
  days_since_last_movement: { description: "Whole days until today in the reporting timezone; NULL without movements" }
*/
-- Unlike 003: Overstock has a definition; idle days count to the day of the run, not to a moment within it.
SELECT
  p.product_id AS product_id,
  p.product_name AS product_name,
  p.category AS category,
  p.is_active AS is_active,
  p.stock_quantity AS current_stock,
  p.reorder_level AS reorder_level,
  if(p.stock_status = 'In Stock' AND p.stock_quantity > 10 * p.reorder_level, 'Overstock', p.stock_status) AS stock_status,
  m.total_in AS total_in,
  m.total_out AS total_out,
  m.total_adjustments AS total_adjustments,
  if(m.product_id = 0, NULL, current_stock - total_in + total_out - total_adjustments) AS unexplained_stock,
  if(m.product_id = 0, NULL, m.last_moved_at) AS last_transaction_date,
  if(m.product_id = 0, NULL, dateDiff('day', m.last_moved_day, {today:Date})) AS days_since_last_movement
FROM silver.products AS p
LEFT JOIN (
  SELECT
    product_id,
    sumIf(quantity, transaction_type = 'IN') AS total_in,
    -sumIf(quantity, transaction_type = 'OUT') AS total_out,
    sumIf(quantity, transaction_type = 'ADJUSTMENT') AS total_adjustments,
    max(transaction_date) AS last_moved_at,
    max(move_day) AS last_moved_day
  FROM silver.inventory_transactions
  GROUP BY product_id
) AS m ON m.product_id = p.product_id
