/*
description: >
  Days from order to fulfilment, by status, over fulfilled orders. A quantile q is the value at position floor(q * n) of the
  sorted list.
*/
SELECT
  order_status,
  count() AS orders,
  toDecimal64(round(toDecimal128(sum(seconds), 8) / nullIf(count() * 86400, 0), 2), 2) AS average_days,
  toDecimal64(round(toDecimal128(quantileExact(0.5)(seconds), 8) / nullIf(86400, 0), 2), 2) AS median_days,
  toDecimal64(round(toDecimal128(quantileExact(0.9)(seconds), 8) / nullIf(86400, 0), 2), 2) AS p90_days
FROM (
  SELECT order_status, dateDiff('second', order_date, assumeNotNull(fulfillment_date)) AS seconds
  FROM gold.fact_customer_orders
  WHERE currency = {currency:String} AND fulfillment_date IS NOT NULL
)
GROUP BY order_status
ORDER BY order_status
