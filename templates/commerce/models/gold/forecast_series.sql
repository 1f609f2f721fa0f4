/*
description: >-
  The series that are forecast: revenue and units by day and by month, per category and in total, per currency. Every period from a
  series' first sale on has a row; one without sales is 0.
key: [granularity, measure, scope, category, currency, period]
columns:
  granularity: { description: "day or month", checks: [{ accepted_values: { values: [day, month] } }] }
  measure: { description: "revenue (total_revenue) or units (total_items_sold) of fact_daily_sales", checks: [{ accepted_values: { values: [revenue, units] } }] }
  scope: { description: "category, or total over all categories", checks: [{ accepted_values: { values: [category, total] } }] }
  category: { description: "Empty when scope is total" }
  period: { description: "The day, or the first day of the month. Days end with the last day that has a sale before today; the last 546 are kept. Months are whole ones only; the last 120 are kept" }
  value: { description: "In the currency, or units", checks: [not_null] }
*/
WITH
  -- Today is not over yet, and a date in the future is a mistake of the source.
  sales AS (
    SELECT sales_date, category, currency, total_revenue, total_items_sold
    FROM gold.fact_daily_sales
    WHERE sales_date < {today:Date}
  ),
  known AS (
    SELECT
      min(sales_date) AS first_day,
      max(sales_date) AS last_day,
      toStartOfMonth(addDays(addMonths(first_day, 1), -1)) AS first_month,
      addMonths(toStartOfMonth(addDays(last_day, 1)), -1) AS last_month
    FROM sales
  ),
  points AS (
    SELECT
      granularity,
      measure,
      scope,
      if(scope = 'total', '', category) AS category,
      currency,
      period,
      sum(amount) AS value
    FROM sales
    ARRAY JOIN ['day', 'month'] AS granularity, [sales_date, toStartOfMonth(sales_date)] AS period
    ARRAY JOIN ['revenue', 'units'] AS measure, [toDecimal128(total_revenue, 4), toDecimal128(total_items_sold, 4)] AS amount
    ARRAY JOIN ['category', 'total'] AS scope
    GROUP BY granularity, measure, scope, category, currency, period
  ),
  spans AS (
    SELECT
      granularity,
      measure,
      scope,
      category,
      currency,
      if(
        granularity = 'day',
        greatest(min(period), addDays(any(last_day), -545)),
        greatest(min(period), any(first_month), addMonths(any(last_month), -119))
      ) AS first,
      range(toUInt32(greatest(1 + dateDiff('day', first, any(last_day)), 0))) AS days,
      range(toUInt32(greatest(1 + dateDiff('month', first, any(last_month)), 0))) AS months,
      if(granularity = 'day', arrayMap(i -> addDays(first, i), days), arrayMap(i -> addMonths(first, i), months)) AS periods
    FROM points
    CROSS JOIN known
    GROUP BY granularity, measure, scope, category, currency
  )
SELECT
  s.granularity AS granularity,
  s.measure AS measure,
  s.scope AS scope,
  s.category AS category,
  s.currency AS currency,
  s.period AS period,
  ifNull(p.value, 0) AS value
FROM (
  SELECT granularity, measure, scope, category, currency, period
  FROM spans
  ARRAY JOIN periods AS period
) AS s
LEFT JOIN points AS p USING (granularity, measure, scope, category, currency, period)
