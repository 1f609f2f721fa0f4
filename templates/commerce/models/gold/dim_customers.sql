/*
description: One row per customer, as known now.
key: customer_id
columns:
  email: { tags: pii }
  full_name: { tags: pii }
*/
SELECT
  customer_id,
  email,
  full_name,
  customer_segment,
  loyalty_tier,
  country,
  city,
  registration_date,
  account_status,
  marketing_consent
FROM silver.customers
