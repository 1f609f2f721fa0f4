/*
description: >-
  The forecast: one row per series and coming period, 28 days and 3 months ahead, by the method that did best on the past. A series
  shorter than a season (7 days, 12 months) has none.
key: [granularity, measure, scope, category, currency, period]
columns:
  granularity: { description: "day or month" }
  measure: { description: "revenue or units" }
  scope: { description: "category, or total over all categories" }
  category: { description: "Empty when scope is total" }
  period: { description: "The day, or the first day of the month" }
  step: { description: "1 for the period after the origin" }
  value: { description: "In the currency, or units; nothing keeps it above 0" }
  lower: { description: "Lower end of the 80 % interval; NULL when a series is no longer than a season" }
  upper: { description: "Upper end of it" }
  method: { description: "holt_winters where it had the smaller wape in the back-test, else seasonal_naive" }
  origin: { description: "The last period whose value was known" }
  wape: { description: "Of the method in the back-test, as the three that follow; see gold.forecast_backtest" }
  naive_wape: { description: "Of seasonal naive, to compare with" }
*/
SELECT
  granularity,
  measure,
  scope,
  category,
  currency,
  if(granularity = 'day', addDays(f.origin, step), addMonths(f.origin, step)) AS period,
  step,
  toDecimal128(round(f.value[step], 2), 2) AS value,
  if(empty(f.margin), NULL, toDecimal128(round(f.value[step] - f.margin[step], 2), 2)) AS lower,
  if(empty(f.margin), NULL, toDecimal128(round(f.value[step] + f.margin[step], 2), 2)) AS upper,
  method,
  f.origin AS origin,
  b.wape AS wape,
  b.mase AS mase,
  b.bias AS bias,
  b.coverage AS coverage,
  b.naive_wape AS naive_wape
FROM gold.forecast_fits AS f
ARRAY JOIN arrayEnumerate(f.value) AS step
INNER JOIN gold.forecast_backtest AS b USING (granularity, measure, scope, category, currency, method)
WHERE empty(f.actual) AND b.is_published
