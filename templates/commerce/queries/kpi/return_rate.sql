/*
description: >
  Units and money that came back, of what was sold at least mature_days ago (younger sales may still come back), by category.
parameters:
  mature_days: 30
*/
SELECT
  category,
  sum(quantity) AS units_sold,
  sumIf(quantity, is_returned) AS units_returned,
  toDecimal64(round(toDecimal128(sumIf(quantity, is_returned), 8) * 100 / nullIf(sum(quantity), 0), 2), 2) AS return_percent,
  toDecimal64(round(toDecimal128(sumIf(revenue, is_returned), 8) * 100 / nullIf(sum(revenue), 0), 2), 2) AS value_return_percent
FROM gold.fact_order_lines
WHERE is_counted AND currency = {currency:String} AND order_day <= {today:Date} - {mature_days:UInt16}
GROUP BY category
ORDER BY category
