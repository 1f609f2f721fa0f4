/*
description: >
  Sales by day (reporting timezone), category and currency. A sale stands on the day of its order, a return on the day it was
  completed. Cancelled orders and failed payments do not count.
tags: reporting
key: [sales_date, category, currency]
columns:
  total_orders: { description: "Orders with a line in this category; an order with two categories counts in both, so do not add these up" }
  unique_customers: { description: "Exact for the row; do not add these up either" }
  gross_sales: { description: "quantity * unit price, before discount, tax and shipping" }
  total_revenue: { description: gross_sales - total_discount }
  total_returns: { description: "Revenue of lines that came back on this day, whenever they were sold" }
  net_sales: { description: total_revenue - total_returns }
  avg_order_value: { description: "total_revenue / total_orders, two digits; a ratio of sums" }
checks:
  - reconciliation: { expression: total_revenue, to: gold.fact_order_lines, to_expression: revenue, to_where: is_counted }
  - reconciliation: { expression: total_returns, to: gold.fact_order_lines, to_expression: revenue, to_where: is_counted AND is_returned }
*/
-- Unlike 003: cancelled, failed and returned sales are no revenue; discount and tax are real sums.
SELECT
  sales_date,
  category,
  currency,
  toInt64(uniqExactIf(order_id, NOT comes_back)) AS total_orders,
  toInt64(uniqExactIf(customer_id, NOT comes_back)) AS unique_customers,
  sumIf(quantity, NOT comes_back) AS total_items_sold,
  sumIf(gross_sales, NOT comes_back) AS gross_sales,
  sumIf(discount, NOT comes_back) AS total_discount,
  sumIf(revenue, NOT comes_back) AS total_revenue,
  sumIf(revenue, comes_back) AS total_returns,
  total_revenue - total_returns AS net_sales,
  sumIf(tax, NOT comes_back) AS total_tax,
  toDecimal64(round(toDecimal128(total_revenue, 6) / nullIf(total_orders, 0), 2), 2) AS avg_order_value
FROM (
  SELECT order_day AS sales_date, false AS comes_back, category, currency, order_id, customer_id, quantity, gross_sales, discount, revenue, tax
  FROM gold.fact_order_lines
  WHERE is_counted
  UNION ALL
  SELECT assumeNotNull(returned_day) AS sales_date, true AS comes_back, category, currency, order_id, customer_id, quantity, gross_sales, discount, revenue, tax
  FROM gold.fact_order_lines
  WHERE is_counted AND is_returned
)
GROUP BY sales_date, category, currency
