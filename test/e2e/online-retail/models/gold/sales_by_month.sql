/*
description: Lines, invoices, customers and net sales per month of the invoice.
key: month
partition_by: month
*/
SELECT
  toStartOfMonth(invoice_date) AS month,
  count() AS lines,
  uniqExact(invoice_no) AS invoices,
  uniqExact(customer_id) AS customers,
  sum(quantity * unit_price) AS net,
  sumIf(quantity * unit_price, quantity > 0 AND unit_price > 0 AND NOT startsWith(invoice_no, 'C')) AS gross
FROM silver.lines
GROUP BY month
