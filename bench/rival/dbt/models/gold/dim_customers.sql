SELECT
  customer_id::BIGINT AS customer_key,
  customer_id,
  email,
  full_name,
  customer_segment,
  loyalty_tier,
  country,
  city,
  registration_date,
  account_status,
  least(registration_date, updated_at)::DATE AS effective_date
FROM {{ ref('customers') }}
