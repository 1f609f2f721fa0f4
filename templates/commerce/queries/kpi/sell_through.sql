/*
description: >
  Units sold / (units at the start + units received), over the last days, for products with movements.
parameters:
  days: 30
*/
SELECT
  p.category AS category,
  sumIf(d.on_hand, d.day = {today:Date} - {days:UInt16}) AS starting_units,
  sumIf(d.units_in, d.day > {today:Date} - {days:UInt16}) AS received_units,
  sumIf(d.units_out, d.day > {today:Date} - {days:UInt16}) AS sold_units,
  toDecimal64(round(toDecimal128(sold_units, 8) * 100 / nullIf(starting_units + received_units, 0), 2), 2) AS sell_through_percent
FROM (SELECT DISTINCT product_id FROM gold.inventory_daily) AS t
INNER JOIN gold.dim_products AS p ON p.product_id = t.product_id
LEFT JOIN (
  SELECT product_id, day, on_hand, units_in, units_out
  FROM gold.inventory_daily
  WHERE day >= {today:Date} - {days:UInt16} AND day <= {today:Date}
) AS d ON d.product_id = t.product_id
GROUP BY category
ORDER BY category
