/*
description: One row per invoice.
key: invoice_no
*/
SELECT
  invoice_no,
  min(invoice_date) AS invoiced_at,
  min(country) AS country,
  max(customer_id) AS customer_id,
  startsWith(invoice_no, 'C') AS is_cancellation,
  count() AS lines,
  sum(quantity * unit_price) AS net
FROM silver.lines
GROUP BY invoice_no
