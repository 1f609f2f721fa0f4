/*
description: >
  Orders by payment method, and how the payments went.
*/
SELECT
  payment_method,
  count() AS orders,
  countIf(payment_status = 'Paid') AS paid,
  countIf(payment_status = 'Pending') AS pending,
  countIf(payment_status = 'Failed') AS failed,
  countIf(payment_status = 'Refunded') AS refunded,
  toDecimal64(round(toDecimal128(countIf(payment_status = 'Failed'), 8) * 100 / nullIf(count(), 0), 2), 2) AS failed_percent,
  sum(o.total_amount) AS total_amount
FROM gold.fact_customer_orders AS o
WHERE currency = {currency:String}
GROUP BY payment_method
ORDER BY orders DESC, payment_method
