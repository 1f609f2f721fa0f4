/*
description: >
  Categories by net sales, with their share of the net sales of all categories.
tags: headline
parameters:
  limit: 10
*/
SELECT
  d.category AS category,
  sum(d.total_items_sold) AS units,
  sum(d.gross_sales) AS gross_sales,
  sum(d.total_discount) AS discounts,
  sum(d.total_returns) AS returns,
  sum(d.net_sales) AS net_sales,
  toDecimal64(round(toDecimal128(sum(d.net_sales), 8) * 100 / nullIf(sum(sum(d.net_sales)) OVER (), 0), 2), 2) AS share_percent
FROM gold.fact_daily_sales AS d
WHERE d.currency = {currency:String}
GROUP BY category
ORDER BY net_sales DESC, category
LIMIT {limit:UInt32}
