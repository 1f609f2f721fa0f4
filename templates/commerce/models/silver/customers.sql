/*
description: One row per customer, as known now. Two customers with one e-mail address stay two, because orders belong to both; a check warns.
key: customer_id
newest_by: updated_at
columns:
  customer_id: { description: The shop's own number }
  email:
    tags: pii
    checks: [{ unique: { severity: warn } }]
  full_name: { tags: pii }
  phone: { tags: pii }
  date_of_birth: { tags: pii }
  customer_segment:
    checks: [{ accepted_values: { values: [Premium, Regular, New], severity: warn } }]
  loyalty_tier:
    checks: [{ accepted_values: { values: [Gold, Silver, Bronze, None], severity: warn } }]
  account_status:
    checks: [{ accepted_values: { values: [Active, Inactive, Suspended], severity: warn } }]
checks: [{ row_count: { min: 1, severity: warn } }]
*/
-- Unlike 003: no age, which changes with the calendar; a missing date of birth stops nothing.
SELECT * FROM silver.customer_versions
