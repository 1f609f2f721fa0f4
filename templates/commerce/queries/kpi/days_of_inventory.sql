/*
description: >
  How long the stock of active products lasts at the sales of the last days; NULL for products that do not sell.
parameters:
  days: 28
  limit: 20
*/
WITH (SELECT max(day) FROM gold.inventory_daily) AS last_day
SELECT
  p.product_id AS product_id,
  p.product_name AS product_name,
  d.stock AS on_hand,
  toDecimal64(round(toDecimal128(d.sold, 8) / nullIf({days:UInt16}, 0), 2), 2) AS daily_units,
  toDecimal64(round(toDecimal128(d.stock * {days:UInt16}, 8) / nullIf(d.sold, 0), 1), 1) AS days_of_inventory
FROM (
  SELECT
    product_id,
    sumIf(i.on_hand, day = least({today:Date}, last_day)) AS stock,
    sumIf(i.units_out, day > {today:Date} - {days:UInt16}) AS sold
  FROM gold.inventory_daily AS i
  WHERE day > least({today:Date} - {days:UInt16}, last_day - 1) AND day <= {today:Date}
  GROUP BY product_id
) AS d
INNER JOIN gold.dim_products AS p ON p.product_id = d.product_id
WHERE p.is_active
ORDER BY d.sold = 0, if(d.sold = 0, 0, toDecimal128(d.stock, 16) / d.sold), product_id
LIMIT {limit:UInt32}
