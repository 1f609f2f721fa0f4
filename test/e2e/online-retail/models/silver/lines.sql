/*
description: One row per invoice line as it was delivered; a line that was delivered twice stays twice.
partition_by: toStartOfMonth(invoice_date)
columns:
  invoice_no: { description: "starts with C for a cancellation", checks: [not_null] }
  stock_code: { checks: [not_null] }
  quantity: { type: Int32, description: "negative for returns" }
  invoice_date: { type: DateTime }
  unit_price: { type: "Decimal(18, 4)" }
  customer_id: { type: "Nullable(UInt32)", checks: [{ not_null: { severity: warn } }] }
checks:
  - unique:
      columns: [invoice_no, stock_code, description, quantity, invoice_date, unit_price, customer_id, country]
      severity: warn
*/
SELECT
  InvoiceNo AS invoice_no,
  StockCode AS stock_code,
  Description AS description,
  Quantity AS quantity,
  InvoiceDate AS invoice_date,
  UnitPrice AS unit_price,
  replaceRegexpOne(CustomerID, '\\.0$', '') AS customer_id,
  Country AS country,
  _file,
  _row
FROM bronze.retail_lines
