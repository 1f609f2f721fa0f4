/*
description: Every good version of a customer that was received. The newest one is in silver.customers, the history in gold.dim_customers_history.
key: [customer_id, updated_at]
newest_by: _ingested_at
columns:
  customer_key: { description: "Surrogate key: a hash of the shop's number, so it is the same after every rebuild" }
  email: { description: "Trimmed, lower case", tags: pii }
  full_name: { tags: pii }
  phone: { description: "'Unknown' when the shop has none", tags: pii }
  date_of_birth: { tags: pii }
reject:
  invalid_email: NOT match(email, '^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$')
  future_registration: registration_date > _ingested_at
*/
-- Unlike 003: addresses are lowered and trimmed before they are compared, and a customer with another's address stays.
SELECT
  customer_id,
  toInt64(bitShiftRight(sipHash64('customer', toString(customer_id)), 1)) AS customer_key,
  lower(trim(email)) AS email,
  concat(first_name, ' ', last_name) AS full_name,
  ifNull(phone, 'Unknown') AS phone,
  date_of_birth,
  registration_date,
  customer_segment,
  loyalty_tier,
  ifNull(country, 'Unknown') AS country,
  ifNull(city, 'Unknown') AS city,
  postal_code,
  ifNull(marketing_consent, false) AS marketing_consent,
  last_login_date,
  account_status,
  updated_at,
  _ingested_at
FROM bronze.shop_customers
