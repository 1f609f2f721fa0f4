/*
description: >
  Orders that were cancelled / all orders.
*/
SELECT
  count() AS orders,
  countIf(order_status = 'Cancelled') AS cancelled_orders,
  toDecimal64(round(toDecimal128(countIf(order_status = 'Cancelled'), 8) * 100 / nullIf(count(), 0), 2), 2) AS cancellation_percent
FROM gold.fact_customer_orders
WHERE currency = {currency:String}
