-- One row per line of an order, newest version wins.
WITH cleaned AS (
  SELECT
    order_item_id,
    order_id,
    product_id::INTEGER AS product_id,
    quantity::INTEGER AS quantity,
    unit_price::DECIMAL(10, 2) AS unit_price,
    discount_percentage::DECIMAL(5, 2) AS discount_percentage,
    (unit_price * quantity)::DECIMAL(12, 2) AS gross_amount,
    line_total::DECIMAL(12, 2) AS line_total,
    tax_amount::DECIMAL(12, 2) AS tax_amount,
    {{ capital('return_status') }} AS return_status,
    returned_at,
    created_at,
    updated_at
  FROM {{ source('shop', 'order_items') }}
)

SELECT
  order_item_id,
  order_id,
  product_id,
  quantity,
  unit_price,
  discount_percentage,
  gross_amount,
  (gross_amount - line_total)::DECIMAL(12, 2) AS discount_amount,
  line_total,
  tax_amount,
  return_status,
  return_status = 'Completed' AS is_returned,
  {{ day_of('returned_at') }} AS returned_day,
  created_at,
  updated_at
FROM cleaned
WHERE quantity > 0
  AND abs(line_total * 100 - gross_amount * (100 - discount_percentage)) <= 1
{{ newest('order_item_id', 'updated_at') }}
