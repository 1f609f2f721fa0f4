/*
description: >
  Product days without stock / product days, over the last days, for active products with movements.
parameters:
  days: 90
*/
SELECT
  p.category AS category,
  count() AS sku_days,
  countIf(d.on_hand <= 0) AS stock_out_days,
  toDecimal64(round(toDecimal128(countIf(d.on_hand <= 0), 8) * 100 / nullIf(count(), 0), 2), 2) AS stock_out_percent
FROM gold.inventory_daily AS d
INNER JOIN gold.dim_products AS p ON p.product_id = d.product_id
WHERE p.is_active AND d.day > {today:Date} - {days:UInt16} AND d.day <= {today:Date}
GROUP BY category
ORDER BY category
