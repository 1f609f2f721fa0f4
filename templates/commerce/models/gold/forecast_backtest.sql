/*
description: >-
  How well each method did, measured at up to 26 (days) or 12 (months) earlier origins where it knew nothing of what came after
  (Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.8 to 5.10). A series that is too short for 8 of them has no measures.
key: [granularity, measure, scope, category, currency, method]
columns:
  folds: { description: "Number of earlier origins" }
  forecasts: { description: "Forecast values that were compared: folds times horizon" }
  wape: { description: "Sum of absolute errors / sum of absolute values; NULL when all values are 0", checks: [{ accepted_range: { min: 0 } }] }
  mase: { description: "Mean of absolute error / scale of its fold; below 1 is better than what seasonal naive does one season ahead. NULL when every scale is 0", checks: [{ accepted_range: { min: 0 } }] }
  bias: { description: "Sum of (forecast - value) / sum of absolute values; above 0 is too high" }
  coverage: { description: "Share of values within their 80 % interval", checks: [{ accepted_range: { min: 0, max: 1 } }] }
  naive_wape: { description: "The wape of seasonal naive, to compare with" }
  is_published: { description: "True for the method of gold.forecast: Holt-Winters where its wape is below naive_wape, else seasonal naive" }
*/
WITH
  compared AS (
    SELECT
      granularity,
      measure,
      scope,
      category,
      currency,
      method,
      arraySort(groupArrayIf((origin, actual, value, margin, ifNull(scale, 0)), notEmpty(actual))) AS points,
      arrayFlatten(points.2) AS actuals,
      arrayMap((a, v) -> v - a, actuals, arrayFlatten(points.3)) AS errors,
      arrayMap((e, m) -> abs(e) <= m, errors, arrayFlatten(points.4)) AS is_within,
      arrayFlatten(arrayMap((as, s) -> arrayMap(a -> s, as), points.2, points.5)) AS scales,
      arrayMap((e, s) -> abs(e) / s, arrayFilter((e, s) -> s > 0, errors, scales), arrayFilter(s -> s > 0, scales)) AS scaled_errors
    FROM gold.forecast_fits
    GROUP BY granularity, measure, scope, category, currency, method
  ),
  measured AS (
    SELECT
      granularity,
      measure,
      scope,
      category,
      currency,
      method,
      length(points) AS folds,
      length(errors) AS forecasts,
      arraySum(a -> abs(a), actuals) AS total,
      if(total > 0, round(arraySum(e -> abs(e), errors) / total, 6), NULL) AS wape,
      if(notEmpty(scaled_errors), round(arrayAvg(scaled_errors), 6), NULL) AS mase,
      if(total > 0, round(arraySum(errors) / total, 6), NULL) AS bias,
      if(notEmpty(is_within), round(arrayAvg(is_within), 6), NULL) AS coverage
    FROM compared
  )
SELECT
  granularity,
  measure,
  scope,
  category,
  currency,
  method,
  folds,
  forecasts,
  wape,
  mase,
  bias,
  coverage,
  minIf(wape, method = 'seasonal_naive') OVER series AS naive_wape,
  method = if(
    ifNull(minIf(wape, method = 'holt_winters') OVER series < naive_wape, false),
    'holt_winters',
    'seasonal_naive'
  ) AS is_published
FROM measured
WINDOW series AS (PARTITION BY granularity, measure, scope, category, currency)
