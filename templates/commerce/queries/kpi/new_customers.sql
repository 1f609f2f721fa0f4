/*
description: >
  Registrations and first orders, for the complete months before this one.
parameters:
  months: 12
*/
WITH toStartOfMonth({today:Date}) AS this_month
SELECT
  m.month AS month,
  ifNull(r.registrations, 0) AS registrations,
  ifNull(f.first_time_buyers, 0) AS first_time_buyers
FROM (SELECT addMonths(this_month, -number - 1) AS month FROM numbers({months:UInt16})) AS m
LEFT JOIN (
  SELECT toStartOfMonth(toDate(registration_date, {timezone:String})) AS month, count() AS registrations
  FROM gold.dim_customers
  GROUP BY month
) AS r ON r.month = m.month
LEFT JOIN (
  SELECT month, count() AS first_time_buyers
  FROM (
    SELECT toStartOfMonth(min(order_day)) AS month
    FROM gold.fact_customer_orders
    WHERE is_counted AND currency = {currency:String}
    GROUP BY customer_id
  )
  GROUP BY month
) AS f ON f.month = m.month
ORDER BY month
