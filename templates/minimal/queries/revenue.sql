/*
description: Revenue by month.
parameters:
  since: { default: 2024-01-01, description: first day }
*/
SELECT
  toStartOfMonth(day) AS month,
  sum(revenue) AS revenue,
  sum(orders) AS orders,
  round(revenue / orders, 2) AS average_order
FROM gold.daily_sales
WHERE day >= {since:Date}
GROUP BY month
ORDER BY month
