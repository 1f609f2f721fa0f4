/*
description: The shop in one row.
checks: [{ row_count: { min: 1, max: 1 } }]
*/
SELECT
  count() AS lines,
  uniqExact(invoice_no) AS invoices,
  uniqExact(customer_id) AS customers,
  countIf(customer_id IS NULL) AS lines_without_customer,
  countIf(startsWith(invoice_no, 'C')) AS cancellation_lines,
  uniqExactIf(invoice_no, startsWith(invoice_no, 'C')) AS cancellation_invoices,
  countIf(unit_price = 0) AS zero_prices,
  countIf(unit_price < 0) AS negative_prices,
  sum(quantity * unit_price) AS net,
  sumIf(quantity * unit_price, quantity > 0 AND unit_price > 0 AND NOT startsWith(invoice_no, 'C')) AS gross
FROM silver.lines
