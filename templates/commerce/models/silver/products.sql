/*
description: One row per product, as known now, with its margin and the state of its stock.
key: product_id
newest_by: last_updated
columns:
  sku: { checks: [{ unique: { severity: warn } }] }
  price: { checks: [{ accepted_range: { min: 0 } }] }
  cost: { checks: [{ accepted_range: { min: 0 } }] }
  stock_quantity: { checks: [{ accepted_range: { min: 0, severity: warn } }] }
  profit_margin: { description: "(price - cost) / price * 100, two digits; NULL when the price is 0 or either is not known" }
  stock_status: { description: "Out of Stock, Low Stock (at the reorder level or below) or In Stock" }
checks: [{ row_count: { min: 1, severity: warn } }]
*/
SELECT
  *,
  toDecimal64(round((toDecimal128(price, 6) - cost) * 100 / nullIf(price, 0), 2), 2) AS profit_margin,
  multiIf(stock_quantity <= 0, 'Out of Stock', stock_quantity <= reorder_level, 'Low Stock', 'In Stock') AS stock_status
FROM silver.product_versions
