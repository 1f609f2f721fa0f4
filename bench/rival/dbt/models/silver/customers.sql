-- One row per customer, newest version wins.
SELECT
  customer_id::INTEGER AS customer_id,
  lower(trim(email)) AS email,
  first_name || ' ' || last_name AS full_name,
  coalesce(phone, 'Unknown') AS phone,
  date_of_birth,
  registration_date,
  customer_segment,
  loyalty_tier,
  coalesce(country, 'Unknown') AS country,
  coalesce(city, 'Unknown') AS city,
  postal_code,
  coalesce(marketing_consent, false) AS marketing_consent,
  last_login_date,
  account_status,
  updated_at
FROM {{ source('shop', 'customers') }}
WHERE regexp_full_match(trim(email), '[^@\s]+@[^@\s]+[.][^@\s]+')
  AND registration_date <= now()
{{ newest('customer_id', 'updated_at') }}
