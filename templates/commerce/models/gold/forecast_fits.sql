/*
description: >-
  What each forecasting method said at each origin (the last period it knew). At a series' last origin that is its forecast of the
  future; at the others, the folds of the back-test, what came is known and stands beside it.
key: [granularity, measure, scope, category, currency, method, origin]
columns:
  method: { description: "seasonal_naive: the value one season ago (7 days, 12 months). holt_winters: additive trend, possibly damped, and additive season", checks: [{ accepted_values: { values: [seasonal_naive, holt_winters] } }] }
  origin: { description: "The last period whose value the method knew" }
  known_periods: { description: "Number of periods up to the origin" }
  alpha: { description: "Smoothing of the level; of all combinations tried the one with the least sum of squared one-step errors up to the origin" }
  beta: { description: "Smoothing of the trend, in error correction form: the beta* of the component form times alpha" }
  gamma: { description: "Smoothing of the season" }
  phi: { description: "Damping of the trend; 1 is none" }
  sigma: { description: "Standard deviation of the one-step errors up to the origin", checks: [{ accepted_range: { min: 0 } }] }
  scale: { description: "Mean absolute error of the seasonal naive method up to the origin: the unit of MASE", checks: [{ accepted_range: { min: 0 } }] }
  actual: { description: "What came in the periods after the origin; empty at the last origin" }
  value: { description: "The forecast of the 28 days or 3 months after the origin" }
  margin: { description: "Half the width of the 80 % interval around it; empty when sigma is not known" }
*/
-- All formulas: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., OTexts 2021 (below: FPP3).
WITH
  -- Holt-Winters in error correction form (FPP3 8.3 and 8.5).
  -- state: level, trend, seasonal terms of the coming season, sum of squared errors. p: alpha, beta, gamma, phi.
  ((state, y, p) -> y - state.1 - p.4 * state.2 - state.3[1]) AS error_of,
  ((state, e, p) -> (
    state.1 + p.4 * state.2 + p.1 * e,
    p.4 * state.2 + p.2 * e,
    arrayPushBack(arrayPopFront(state.3), state.3[1] + p.3 * e),
    state.4 + e * e
  )) AS corrected,
  ((state, ys, p) -> arrayFold((s, y) -> corrected(s, error_of(s, y, p), p), ys, state)) AS after,

  -- Folds start a week or a month apart, at most 26 or 12 of them; fewer than 8 are no back-test. Before the first of them
  -- Holt-Winters needs two seasons, seasonal naive a season and a period.
  series AS (
    SELECT
      granularity,
      measure,
      scope,
      category,
      currency,
      (granularity, measure, scope, category, currency) AS id,
      if(granularity = 'day', 7, 12) AS season,
      if(granularity = 'day', 28, 3) AS horizon,
      if(granularity = 'day', 7, 1) AS apart,
      if(granularity = 'day', 26, 12) AS most,
      arraySort(groupArray((period, toFloat64(value)))) AS points,
      points.1 AS periods,
      points.2 AS y,
      toInt32(length(y)) AS last,
      last >= 2 * season + horizon + 7 * apart AS is_long,
      last - horizon - if(is_long, 2 * season, season + 1) AS room,
      if(room >= 7 * apart, least(intDiv(room, apart) + 1, most), 0) AS folds,
      arrayMap(i -> toInt32(last - horizon - i * apart), reverse(range(toUInt32(folds)))) AS fold_origins,
      arrayPushBack(fold_origins, last) AS origins
    FROM gold.forecast_series
    GROUP BY granularity, measure, scope, category, currency
    HAVING last >= season
  ),

  -- The first level and trend come from the means of the first two seasons, the first seasonal terms from the mean distances to
  -- that line (after Hyndman, Initializing the Holt-Winters method, 2010). No origin changes them, so one pass over a series
  -- gives state and squared errors at all origins.
  started AS (
    SELECT
      id,
      origins,
      arrayMap((a, b) -> arraySlice(y, a + 1, b - a), arrayPushFront(fold_origins, toInt32(0)), origins) AS parts,
      arraySlice(y, 1, season) AS one,
      arraySlice(y, season + 1, season) AS two,
      (arrayAvg(two) - arrayAvg(one)) / season AS trend,
      arrayAvg(one) - trend * (season + 1) / 2 AS level,
      arrayMap((a, b, i) -> (a + b) / 2 - level - trend * (i + season / 2), one, two, arrayEnumerate(one)) AS seasonal
    FROM series
    WHERE is_long
  ),
  -- Every row carries a whole series: small blocks bound the memory.
  runs AS (
    SELECT
      id,
      p,
      origins,
      arrayFold((states, ys) -> arrayPushBack(states, after(states[-1], ys, p)), parts, [(level, trend, seasonal, 0.)]) AS states
    FROM started
    ARRAY JOIN [0.02, 0.1, 0.25, 0.6] AS alpha
    ARRAY JOIN [0.05, 0.2] AS gamma
    ARRAY JOIN [(0., 0.9), (0.1, 0.9), (0.02, 1.)] AS trend_and_damping
    ARRAY JOIN [(alpha, alpha * trend_and_damping.1, gamma, trend_and_damping.2)] AS p
    SETTINGS max_block_size = 1024
  ),
  fits AS (
    SELECT id, known, argMin((p, state), (state.4, p)) AS fit
    FROM runs
    ARRAY JOIN origins AS known, arrayPopFront(states) AS state
    GROUP BY id, known
  ),

  by_origin AS (
    SELECT
      granularity,
      measure,
      scope,
      category,
      currency,
      id,
      season,
      known,
      periods[known] AS origin,
      range(1, horizon + 1) AS steps,
      arraySlice(y, known + 1, horizon) AS actual,
      arraySlice(y, known - season + 1, season) AS last_season,
      arrayMap(h -> last_season[1 + (h - 1) % season], steps) AS season_ago,
      arrayMap((a, b) -> b - a, arraySlice(y, 1, known - season), arraySlice(y, season + 1, known - season)) AS changes,
      if(empty(changes), NULL, arrayAvg(d -> abs(d), changes)) AS scale,
      if(empty(changes), NULL, sqrt(arrayAvg(d -> d * d, changes))) AS naive_sigma
    FROM series
    ARRAY JOIN origins AS known
  )

-- Intervals (FPP3 5.5): 1.2816 standard deviations to each side hold 80 % of a normal distribution.
SELECT
  granularity,
  measure,
  scope,
  category,
  currency,
  'seasonal_naive' AS method,
  origin,
  toUInt32(known) AS known_periods,
  CAST(NULL AS Nullable(Float64)) AS alpha,
  CAST(NULL AS Nullable(Float64)) AS beta,
  CAST(NULL AS Nullable(Float64)) AS gamma,
  CAST(NULL AS Nullable(Float64)) AS phi,
  naive_sigma AS sigma,
  scale,
  actual,
  season_ago AS value,
  if(empty(changes), [], arrayMap(h -> 1.2816 * assumeNotNull(sigma) * sqrt(1 + intDiv(h - 1, season)), steps)) AS margin
FROM by_origin

UNION ALL

-- One-step errors have as many degrees of freedom fewer as there are parameters and first states: 4 + season + 1. The variance
-- h steps ahead is that of FPP3 8.7, written as a sum over the effects that one error has on later values.
SELECT
  granularity,
  measure,
  scope,
  category,
  currency,
  'holt_winters' AS method,
  origin,
  toUInt32(known) AS known_periods,
  fit.1.1 AS alpha,
  fit.1.2 AS beta,
  fit.1.3 AS gamma,
  fit.1.4 AS phi,
  sqrt(fit.2.4 / (known - season - 5)) AS sigma,
  scale,
  actual,
  arrayMap((h, d) -> fit.2.1 + d * fit.2.2 + fit.2.3[1 + (h - 1) % season], steps, damped) AS value,
  arrayMap((c, total) -> 1.2816 * sigma * sqrt(1 + total - c * c), effects, arrayCumSum(c -> c * c, effects)) AS margin
FROM (
  SELECT
    *,
    arrayCumSum(h -> pow(fit.1.4, h), steps) AS damped,
    arrayMap((h, d) -> fit.1.1 + fit.1.2 * d + if(h % season = 0, fit.1.3, 0), steps, damped) AS effects
  FROM by_origin
  INNER JOIN fits USING (id, known)
)
