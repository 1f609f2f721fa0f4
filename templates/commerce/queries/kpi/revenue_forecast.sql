/*
description: >
  Revenue of the coming days, over all categories, with an 80 % interval; method and wape (error on the past) as in gold.forecast.
*/
SELECT period AS day, value AS revenue, lower, upper, method, wape
FROM gold.forecast
WHERE granularity = 'day' AND scope = 'total' AND measure = 'revenue' AND currency = {currency:String}
ORDER BY day
