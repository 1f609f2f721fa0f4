/*
description: One row per customer. E-mail addresses are trimmed and in lower case, so that two spellings of one address meet.
key: customer_id
newest_by: [updated_at, _ingested_at]
columns:
  customer_id: { description: The shop's own number }
  email:
    description: Trimmed, lower case
    tags: pii
    checks: [{ unique: { severity: warn } }]
  full_name: { tags: pii }
  phone: { tags: pii }
  date_of_birth: { tags: pii }
  customer_segment:
    checks: [{ accepted_values: { values: [Premium, Regular, New], severity: warn } }]
  loyalty_tier: { description: "Gold, Silver, Bronze or None" }
  account_status:
    checks: [{ accepted_values: { values: [Active, Inactive, Suspended], severity: warn } }]
reject:
  invalid_email: NOT match(email, '^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$')
  future_registration: registration_date > _ingested_at
checks: [{ row_count: { min: 1 } }]
*/
SELECT
  customer_id,
  lower(trim(email)) AS email,
  concat(first_name, ' ', last_name) AS full_name,
  phone,
  date_of_birth,
  registration_date,
  customer_segment,
  loyalty_tier,
  country,
  city,
  postal_code,
  ifNull(marketing_consent, false) AS marketing_consent,
  last_login_date,
  account_status,
  updated_at,
  _ingested_at
FROM bronze.shop_customers
