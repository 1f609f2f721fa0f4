/*
description: Categories by net sales, with their share of all net sales.
parameters:
  currency: EUR
  limit: 10
*/
SELECT
  s.category AS category,
  sum(s.total_items_sold) AS items_sold,
  sum(s.net_sales) AS net_sales,
  toDecimal64(round(toDecimal128(sum(s.net_sales), 6) * 100 / nullIf((
    SELECT sum(a.net_sales) FROM gold.fact_daily_sales AS a WHERE a.currency = {currency:String}
  ), 0), 1), 1) AS share_percent
FROM gold.fact_daily_sales AS s
WHERE s.currency = {currency:String}
GROUP BY s.category
ORDER BY net_sales DESC, category
LIMIT {limit:UInt64}
