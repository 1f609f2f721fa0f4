/*
description: >
  Of the customers whose first order was in a month, how many ordered in each of the months after. Month 0 is the first
  order's own. Months to come are NULL, not 0.
parameters:
  months: 12
*/
WITH toStartOfMonth({today:Date}) AS this_month
SELECT
  g.cohort AS cohort,
  g.cohort_size AS cohort_size,
  g.month_number AS month_number,
  if(addMonths(g.cohort, g.month_number) > this_month, NULL, ifNull(a.customers, 0)) AS customers,
  toDecimal64(round(toDecimal128(customers, 8) * 100 / nullIf(g.cohort_size, 0), 2), 2) AS retention_percent
FROM (
  SELECT first_month AS cohort, count() AS cohort_size, arrayJoin(range({months:UInt16})) AS month_number
  FROM (
    SELECT customer_id, toStartOfMonth(min(order_day)) AS first_month
    FROM gold.fact_customer_orders
    WHERE is_counted AND currency = {currency:String}
    GROUP BY customer_id
  )
  WHERE first_month > addMonths(this_month, -{months:UInt16}) AND first_month <= this_month
  GROUP BY cohort
) AS g
LEFT JOIN (
  SELECT first_month AS cohort, toUInt16(dateDiff('month', first_month, m.month)) AS month_number, count() AS customers
  FROM (
    SELECT
      customer_id,
      arrayJoin(groupUniqArray(toStartOfMonth(order_day))) AS month,
      toStartOfMonth(min(order_day)) AS first_month
    FROM gold.fact_customer_orders
    WHERE is_counted AND currency = {currency:String}
    GROUP BY customer_id
  ) AS m
  GROUP BY cohort, month_number
) AS a ON a.cohort = g.cohort AND a.month_number = g.month_number
ORDER BY cohort, month_number
