/*
description: Paid orders and their revenue by day of the project's timezone.
key: day
partition_by: toStartOfMonth(day)
columns:
  day: { checks: [not_null, unique] }
  revenue: { checks: [{ accepted_range: { min: 0 } }] }
*/
SELECT
  toDate(ordered_at, 'Europe/Berlin') AS day,
  count() AS orders,
  sum(total) AS revenue
FROM silver.orders
WHERE status = 'paid'
GROUP BY day
