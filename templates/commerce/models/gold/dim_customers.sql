/*
description: One row per customer, as known now (type 1). The history is in dim_customers_history.
tags: reporting
key: customer_key
columns:
  customer_key: { description: "Surrogate key, the same after every rebuild" }
  customer_id: { description: "The shop's own number", checks: [unique] }
  email: { tags: pii }
  full_name: { tags: pii }
  effective_date: { description: "Day (UTC) since which the attributes are as they are" }
*/
-- Unlike 003: the key is a hash of the shop's number and does not move when the table is rebuilt.
SELECT
  customer_key,
  customer_id,
  email,
  full_name,
  customer_segment,
  loyalty_tier,
  country,
  city,
  registration_date,
  account_status,
  toDate(valid_from) AS effective_date
FROM gold.dim_customers_history
WHERE is_current
