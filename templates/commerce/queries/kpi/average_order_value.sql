/*
description: >
  Orders, their sales (goods after discount, before tax and shipping), and sales / orders: later returns do not change it.
*/
-- Unlike 003: a ratio of sums, not an average of daily averages.
SELECT
  count() AS orders,
  sum(net_amount) AS sales_after_discount,
  toDecimal64(round(toDecimal128(sum(net_amount), 8) / nullIf(count(), 0), 2), 2) AS average_order_value
FROM gold.fact_customer_orders
WHERE is_counted AND currency = {currency:String}
