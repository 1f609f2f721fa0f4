/*
description: One row per line of an order. Amounts are in the order's currency.
key: order_item_id
newest_by: [updated_at, _ingested_at]
partition_by: toStartOfMonth(created_at)
columns:
  order_id: { checks: [not_null] }
  product_id: { checks: [not_null, { relationships: { to: silver.products.product_id, severity: warn } }] }
  gross_amount: { description: quantity * unit_price }
  discount_amount: { description: gross_amount - line_total }
  line_total: { description: "What the line costs after discount, before tax" }
  return_status: { description: "None, Requested, Approved or Completed" }
  is_returned: { description: The goods came back and the return is completed }
  returned_day: { description: "The day of the return's completion in the reporting timezone" }
reject:
  negative_quantity: quantity <= 0
  wrong_line_total: abs(line_total - gross_amount * (100 - discount_percentage) / 100) > 0.01   # one cent of rounding
  unknown_return_status: return_status NOT IN ('None', 'Requested', 'Approved', 'Completed')
checks:
  - row_count: { min: 1, severity: warn }
  - rejected: { rules: [unknown_return_status], at_least: 20, threshold: "5%" }   # no slip any more, but something new
*/
SELECT
  order_item_id,
  order_id,
  product_id,
  quantity,
  toDecimal64(unit_price, 4) AS unit_price,
  discount_percentage,
  toDecimal64(unit_price * quantity, 4) AS gross_amount,
  toDecimal64(unit_price * quantity - line_total, 4) AS discount_amount,
  toDecimal64(line_total, 4) AS line_total,
  toDecimal64(tax_amount, 4) AS tax_amount,
  initcap(trim(return_status)) AS return_status,
  toBool(ifNull(return_status = 'Completed', false)) AS is_returned,
  toDate(returned_at, {timezone:String}) AS returned_day,
  created_at,
  updated_at,
  _ingested_at
FROM bronze.shop_order_items
