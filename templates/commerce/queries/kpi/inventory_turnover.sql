/*
description: >
  How often the stock was sold: cost of goods sold / average stock at cost, over the daily stock of the last days. Products
  with movements only. unit_turnover is the same in units.
parameters:
  days: 365
*/
-- Unlike 003: it can run, and sets units sent out against the stock of each day.
WITH (SELECT max(day) FROM gold.inventory_daily) AS last_day,
  least({today:Date}, last_day) - ({today:Date} - {days:UInt16}) AS stock_days
SELECT
  p.category AS category,
  sum(d.units_out * p.current_cost) AS cost_of_goods_sold,
  toDecimal64(round(toDecimal128(sum(d.on_hand * p.current_cost), 8) / nullIf(stock_days, 0), 2), 2) AS average_inventory_value,
  toDecimal64(round(toDecimal128(sum(d.units_out * p.current_cost) * stock_days, 8) / nullIf(sum(d.on_hand * p.current_cost), 0), 2), 2) AS inventory_turnover,
  sum(d.units_out) AS units_sold,
  toDecimal64(round(toDecimal128(sum(d.on_hand), 8) / nullIf(stock_days, 0), 2), 2) AS average_units,
  toDecimal64(round(toDecimal128(sum(d.units_out) * stock_days, 8) / nullIf(sum(d.on_hand), 0), 2), 2) AS unit_turnover
FROM (SELECT DISTINCT product_id FROM gold.inventory_daily) AS t
INNER JOIN gold.dim_products AS p ON p.product_id = t.product_id
LEFT JOIN (
  SELECT product_id, sum(w.on_hand) AS on_hand, sum(w.units_out) AS units_out
  FROM gold.inventory_daily AS w
  WHERE day > {today:Date} - {days:UInt16} AND day <= {today:Date}
  GROUP BY product_id
) AS d ON d.product_id = t.product_id
GROUP BY category
ORDER BY category
