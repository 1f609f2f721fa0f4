/*
description: >
  Net sales of the complete months before this one, and their growth over the month before.
parameters:
  months: 12
*/
WITH toStartOfMonth({today:Date}) AS this_month
SELECT
  m.month AS month,
  ifNull(s.net_sales, 0) AS net_sales,
  ifNull(p.net_sales, 0) AS previous_net_sales,
  toDecimal64(round(toDecimal128(net_sales - previous_net_sales, 8) * 100 / nullIf(previous_net_sales, 0), 2), 2) AS growth_percent
FROM (SELECT addMonths(this_month, -number - 1) AS month FROM numbers({months:UInt16})) AS m
LEFT JOIN (
  SELECT toStartOfMonth(sales_date) AS month, sum(d.net_sales) AS net_sales
  FROM gold.fact_daily_sales AS d
  WHERE currency = {currency:String}
  GROUP BY month
) AS s ON s.month = m.month
LEFT JOIN (
  SELECT addMonths(toStartOfMonth(sales_date), 1) AS month, sum(d.net_sales) AS net_sales
  FROM gold.fact_daily_sales AS d
  WHERE currency = {currency:String}
  GROUP BY month
) AS p ON p.month = m.month
ORDER BY month
