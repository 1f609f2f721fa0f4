/*
description: One row per order; the newest state of an order wins.
key: order_id
newest_by: ordered_at
columns:
  order_id: { description: number of the order in the shop, type: UInt64, checks: [not_null, unique] }
  customer: { description: e-mail address of the customer, checks: [not_null] }
  ordered_at: { description: UTC, type: DateTime }
  status: { checks: [{ accepted_values: { values: [paid, cancelled] } }] }
  total: { description: in the project's currency, type: "Decimal(18, 2)" }
reject:
  negative_total: total < 0
checks: [{ row_count: { min: 1 } }]
*/
SELECT
  order_id,
  lower(customer) AS customer,
  ordered_at,
  status,
  total
FROM bronze.shop_orders
