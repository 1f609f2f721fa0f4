/*
description: One row per order, with what its lines add up to. Cancelled orders are here too, with is_counted = false.
tags: reporting
key: order_id
partition_by: toStartOfMonth(order_day)
columns:
  customer_key: { description: "NULL when the shop's customers do not have it", checks: [{ relationships: { to: gold.dim_customers.customer_key } }] }
  is_counted: { description: "True when the order is a sale: it is not cancelled, and its payment has not failed" }
  total_items: { description: "Units, not lines; 0 when no line of the order is known" }
  days_to_fulfill: { description: Whole days from order to fulfilment; NULL while it is open }
checks:
  - reconciliation: { expression: total_amount, to: silver.orders }
*/
-- Unlike 003: customer_key is no row position, total_items counts units, and the totals agree with the lines.
SELECT
  o.order_id AS order_id,
  nullIf(c.customer_key, 0) AS customer_key,
  o.customer_id AS customer_id,
  o.order_date AS order_date,
  o.order_day AS order_day,
  o.order_status AS order_status,
  o.is_counted AS is_counted,
  o.payment_method AS payment_method,
  o.payment_status AS payment_status,
  o.currency AS currency,
  o.gross_amount AS gross_amount,
  o.discount_amount AS discount_amount,
  o.net_amount AS net_amount,
  o.tax_amount AS tax_amount,
  o.shipping_cost AS shipping_cost,
  o.total_amount AS total_amount,
  ifNull(i.units, 0) AS total_items,
  toInt64(ifNull(i.lines, 0)) AS total_lines,
  o.campaign_id AS campaign_id,
  o.fulfillment_date AS fulfillment_date,
  o.days_to_fulfill AS days_to_fulfill
FROM silver.orders AS o
LEFT JOIN (
  SELECT order_id, sum(quantity) AS units, count() AS lines
  FROM silver.order_items
  GROUP BY order_id
) AS i ON i.order_id = o.order_id
LEFT JOIN (SELECT customer_id, customer_key FROM silver.customers) AS c ON c.customer_id = o.customer_id
