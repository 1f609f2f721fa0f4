/*
description: "One row per movement of stock: IN adds, OUT takes away, an ADJUSTMENT has its own sign."
key: transaction_id
newest_by: [created_at, _ingested_at]
partition_by: toStartOfMonth(move_day)
columns:
  product_id: { checks: [not_null, { relationships: { to: silver.products.product_id, severity: warn } }] }
  transaction_type: { description: "IN, OUT or ADJUSTMENT" }
  quantity: { description: "Signed: units that came (positive) or went (negative)" }
  move_day: { description: The day of the movement in the reporting timezone }
reject:
  wrong_sign: (transaction_type = 'IN' AND quantity < 0) OR (transaction_type = 'OUT' AND quantity > 0)
  unknown_type: transaction_type NOT IN ('IN', 'OUT', 'ADJUSTMENT')
checks: [{ rejected: { rules: [unknown_type], at_least: 20, threshold: "5%" } }]   # no slip any more, but something new
*/
SELECT
  transaction_id,
  product_id,
  warehouse_id,
  upper(trim(transaction_type)) AS transaction_type,
  quantity,
  abs(quantity) AS abs_quantity,
  transaction_date,
  toDate(transaction_date, {timezone:String}) AS move_day,
  reference_order_id,
  created_at,
  _ingested_at
FROM bronze.shop_inventory_transactions
