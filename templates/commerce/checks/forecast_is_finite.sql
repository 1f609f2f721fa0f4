/*
dataset: gold.forecast_fits
description: Forecasts that are not numbers.
severity: error
dimension: validity
*/
SELECT granularity, measure, scope, category, currency, method, origin
FROM gold.forecast_fits
WHERE arrayExists(x -> NOT isFinite(x), arrayConcat(value, margin))
