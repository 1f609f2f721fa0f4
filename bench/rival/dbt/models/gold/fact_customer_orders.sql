-- One row per order, with what its lines add up to.
SELECT
  o.order_id,
  c.customer_id::BIGINT AS customer_key,
  o.customer_id,
  o.order_date,
  o.order_day,
  o.order_status,
  o.is_counted,
  o.payment_method,
  o.payment_status,
  o.currency,
  o.gross_amount,
  o.discount_amount,
  o.net_amount,
  o.tax_amount,
  o.shipping_cost,
  o.total_amount,
  coalesce(i.units, 0)::BIGINT AS total_items,
  coalesce(i.lines, 0) AS total_lines,
  o.campaign_id,
  o.fulfillment_date,
  o.days_to_fulfill
FROM {{ ref('orders') }} AS o
LEFT JOIN (
  SELECT order_id, sum(quantity) AS units, count(*) AS lines
  FROM {{ ref('order_items') }}
  GROUP BY order_id
) AS i ON i.order_id = o.order_id
LEFT JOIN {{ ref('customers') }} AS c ON c.customer_id = o.customer_id
