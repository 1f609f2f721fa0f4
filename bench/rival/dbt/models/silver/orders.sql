-- One row per order, newest version wins.
WITH cleaned AS (
  SELECT
    order_id,
    customer_id::INTEGER AS customer_id,
    order_date,
    {{ capital('order_status') }} AS order_status,
    {{ capital('payment_status') }} AS payment_status,
    payment_method,
    upper(trim(currency)) AS currency,
    total_amount::DECIMAL(12, 2) AS total_amount,
    discount_amount::DECIMAL(12, 2) AS discount_amount,
    tax_amount::DECIMAL(12, 2) AS tax_amount,
    shipping_cost::DECIMAL(12, 2) AS shipping_cost,
    campaign_id::INTEGER AS campaign_id,
    fulfillment_date,
    updated_at
  FROM {{ source('shop', 'orders') }}
)

SELECT
  order_id,
  customer_id,
  order_date,
  {{ day_of('order_date') }} AS order_day,
  order_status,
  payment_status,
  order_status <> 'Cancelled' AND payment_status <> 'Failed' AS is_counted,
  payment_method,
  currency,
  total_amount,
  discount_amount,
  tax_amount,
  shipping_cost,
  (total_amount - tax_amount - shipping_cost)::DECIMAL(12, 2) AS net_amount,
  (total_amount - tax_amount - shipping_cost + discount_amount)::DECIMAL(12, 2) AS gross_amount,
  campaign_id,
  fulfillment_date,
  date_sub('day', order_date, fulfillment_date) AS days_to_fulfill,
  updated_at
FROM cleaned
WHERE total_amount >= 0
  AND (fulfillment_date IS NULL OR (fulfillment_date >= order_date AND order_status <> 'Cancelled'))
  AND order_date <= now()
{{ newest('order_id', 'updated_at') }}
