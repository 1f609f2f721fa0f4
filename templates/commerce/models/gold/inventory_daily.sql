/*
description: >
  Stock at the end of each day, for every product that has movements: from its first movement to the last day on which
  anything moved. Units received and sent on the day stand beside it.
key: [product_id, day]
order_by: [day, product_id]
columns:
  day: { description: A day of the reporting timezone }
  on_hand: { description: "Sum of all movements up to this day", checks: [{ accepted_range: { min: 0, severity: warn } }] }
  units_in: { description: Units received on this day }
  units_out: { description: "Units sent out on this day, as a positive number" }
*/
SELECT
  product_id,
  move_day + (i - 1) AS day,
  toInt64(on_hand) AS on_hand,
  if(i = 1, units_in, 0) AS units_in,
  if(i = 1, units_out, 0) AS units_out
FROM (
  SELECT
    product_id,
    move_day,
    units_in,
    units_out,
    sum(units) OVER so_far AS on_hand,
    leadInFrame(move_day, 1, last_day + 1) OVER (
      PARTITION BY product_id ORDER BY move_day ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    ) AS next_day
  FROM (
    SELECT
      product_id,
      move_day,
      sum(quantity) AS units,
      sumIf(quantity, transaction_type = 'IN') AS units_in,
      -sumIf(quantity, transaction_type = 'OUT') AS units_out,
      max(max(move_day)) OVER () AS last_day
    FROM silver.inventory_transactions
    WHERE product_id IN (SELECT product_id FROM silver.products)
    GROUP BY product_id, move_day
  )
  WINDOW so_far AS (PARTITION BY product_id ORDER BY move_day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
ARRAY JOIN
  range(1, toUInt32(next_day - move_day) + 1) AS i
