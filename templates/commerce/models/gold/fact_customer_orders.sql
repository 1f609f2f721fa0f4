/*
description: One row per order, with what its lines add up to. Cancelled orders are here too, with is_counted = false.
key: order_id
partition_by: toStartOfMonth(order_day)
columns:
  customer_id: { checks: [{ relationships: { to: silver.customers.customer_id, severity: warn } }] }
  customer_segment: { description: "As known now; empty when the customer is not known" }
  is_counted: { description: "True when the order counts as a sale: it is not cancelled" }
  total_items: { description: "Units, not lines; 0 when no line of the order is known" }
checks:
  - reconciliation: { expression: total_amount, to: silver.orders }
*/
SELECT
  o.order_id AS order_id,
  o.customer_id AS customer_id,
  c.customer_segment AS customer_segment,
  o.order_date AS order_date,
  o.order_day AS order_day,
  o.order_status AS order_status,
  o.order_status != 'Cancelled' AS is_counted,
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
  ifNull(i.lines, 0) AS total_lines,
  o.fulfillment_date AS fulfillment_date,
  o.days_to_fulfill AS days_to_fulfill
FROM silver.orders AS o
LEFT JOIN (
  SELECT order_id, sum(quantity) AS units, count() AS lines
  FROM silver.order_items
  GROUP BY order_id
) AS i ON i.order_id = o.order_id
LEFT JOIN silver.customers AS c ON c.customer_id = o.customer_id
