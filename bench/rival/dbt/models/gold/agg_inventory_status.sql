-- One row per product with its stock and what moved.
SELECT
  p.product_id,
  p.product_name,
  p.category,
  p.is_active,
  p.stock_quantity AS current_stock,
  p.reorder_level,
  CASE WHEN p.stock_status = 'In Stock' AND p.stock_quantity > 10 * p.reorder_level THEN 'Overstock' ELSE p.stock_status END AS stock_status,
  coalesce(m.total_in, 0) AS total_in,
  coalesce(m.total_out, 0) AS total_out,
  coalesce(m.total_adjustments, 0) AS total_adjustments,
  p.stock_quantity - m.total_in + m.total_out - m.total_adjustments AS unexplained_stock,
  m.last_moved_at AS last_transaction_date,
  date_diff('day', m.last_moved_day, {{ day_of('now()') }}) AS days_since_last_movement
FROM {{ ref('products') }} AS p
LEFT JOIN (
  SELECT
    product_id,
    coalesce(sum(quantity) FILTER (transaction_type = 'IN'), 0)::BIGINT AS total_in,
    -coalesce(sum(quantity) FILTER (transaction_type = 'OUT'), 0)::BIGINT AS total_out,
    coalesce(sum(quantity) FILTER (transaction_type = 'ADJUSTMENT'), 0)::BIGINT AS total_adjustments,
    max(transaction_date) AS last_moved_at,
    max(move_day) AS last_moved_day
  FROM {{ ref('inventory_transactions') }}
  GROUP BY product_id
) AS m ON m.product_id = p.product_id
