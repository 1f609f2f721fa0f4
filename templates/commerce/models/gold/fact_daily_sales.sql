/*
description: Sales by day of order (reporting timezone), category and currency. Cancelled orders do not count.
key: [sales_date, category, currency]
partition_by: toStartOfMonth(sales_date)
columns:
  total_orders: { description: "Orders with a line in this category; an order with two categories counts in both, so do not add these up" }
  unique_customers: { description: "Exact for the row; do not add these up either" }
  gross_sales: { description: "quantity * unit price, before discount, tax and shipping" }
  total_revenue: { description: gross_sales - total_discount }
  total_returns: { description: "Revenue of lines whose return is completed, on the day of the order" }
  net_sales: { description: total_revenue - total_returns }
  avg_order_value: { description: "total_revenue / total_orders, two digits; a ratio of sums" }
checks:
  - reconciliation:
      expression: total_discount + total_revenue
      to: gold.fact_daily_sales
      to_expression: gross_sales
*/
SELECT
  o.order_day AS sales_date,
  p.category AS category,
  o.currency AS currency,
  uniqExact(o.order_id) AS total_orders,
  uniqExact(o.customer_id) AS unique_customers,
  sum(i.quantity) AS total_items_sold,
  sum(i.gross_amount) AS gross_sales,
  sum(i.discount_amount) AS total_discount,
  sum(i.line_total) AS total_revenue,
  sumIf(i.line_total, i.is_returned) AS total_returns,
  sum(i.line_total) - sumIf(i.line_total, i.is_returned) AS net_sales,
  sum(i.tax_amount) AS total_tax,
  round(toDecimal128(sum(i.line_total), 6) / uniqExact(o.order_id), 2) AS avg_order_value
FROM silver.order_items AS i
INNER JOIN silver.orders AS o ON o.order_id = i.order_id
INNER JOIN silver.products AS p ON p.product_id = i.product_id
WHERE o.order_status != 'Cancelled'
GROUP BY sales_date, category, currency
