/*
description: Customers over time (slowly changing dimension, type 2). A row per state of the attributes that matter; a login alone is not a new state.
key: [customer_key, valid_from]
columns:
  customer_version_key: { description: "Surrogate key of this state, the same after every rebuild", checks: [unique] }
  customer_key: { description: "Surrogate key of the customer, the same in all states and in the facts" }
  email: { tags: pii }
  full_name: { tags: pii }
  valid_from: { description: "First moment of this state, included. The first known state counts from the registration on" }
  valid_to: { description: "First moment of the next state; NULL for the current one" }
  is_current: { description: "True for the newest state of a customer" }
*/
SELECT
  toInt64(bitShiftRight(sipHash64('customer version', toString(customer_id), valid_from), 1)) AS customer_version_key,
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
  valid_from,
  leadInFrame(toNullable(valid_from)) OVER states AS valid_to,
  (valid_to IS NULL)::Bool AS is_current
FROM (
  SELECT
    *,
    if(nth = 1, least(registration_date, updated_at), updated_at) AS valid_from
  FROM (
    SELECT
      *,
      row_number() OVER received AS nth,
      (email, full_name, customer_segment, loyalty_tier, country, city, registration_date, account_status) AS state,
      lagInFrame(state) OVER received AS state_before
    FROM silver.customer_versions
    WINDOW received AS (PARTITION BY customer_id ORDER BY updated_at)
  )
  WHERE nth = 1 OR state IS DISTINCT FROM state_before
)
WINDOW states AS (PARTITION BY customer_id ORDER BY valid_from ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
