-- One row per movement of stock, newest version wins.
SELECT
  transaction_id,
  product_id::INTEGER AS product_id,
  warehouse_id::INTEGER AS warehouse_id,
  upper(trim(transaction_type)) AS transaction_type,
  quantity::INTEGER AS quantity,
  abs(quantity)::INTEGER AS abs_quantity,
  transaction_date,
  {{ day_of('transaction_date') }} AS move_day,
  reference_order_id,
  created_at
FROM {{ source('shop', 'inventory_transactions') }}
WHERE NOT (upper(trim(transaction_type)) = 'IN' AND quantity < 0)
  AND NOT (upper(trim(transaction_type)) = 'OUT' AND quantity > 0)
{{ newest('transaction_id', 'created_at') }}
