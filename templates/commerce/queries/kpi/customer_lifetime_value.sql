/*
description: >
  What a customer is worth: revenue per customer and period x gross margin x expected lifetime. A lifetime is 1 / churn, at
  most 5 periods; churn is the share of the buyers of the period before who did not buy in this one. A period is `days` long.
parameters:
  days: 365
*/
WITH
  (
    SELECT (sum(net_amount), count(), uniqExact(customer_id))
    FROM gold.fact_customer_orders
    WHERE is_counted AND currency = {currency:String} AND order_day > {today:Date} - {days:UInt16} AND order_day <= {today:Date}
  ) AS sold,
  (
    SELECT (sum(revenue - cost), sum(revenue))
    FROM gold.fact_order_lines
    WHERE is_counted AND NOT is_returned AND cost IS NOT NULL AND currency = {currency:String}
      AND order_day > {today:Date} - {days:UInt16} AND order_day <= {today:Date}
  ) AS margin,
  (
    SELECT (count(), countIf(NOT again))
    FROM (
      SELECT max(order_day) > {today:Date} - {days:UInt16} AS again
      FROM gold.fact_customer_orders
      WHERE is_counted AND currency = {currency:String}
        AND order_day > {today:Date} - 2 * {days:UInt16} AND order_day <= {today:Date}
      GROUP BY customer_id
      HAVING min(order_day) <= {today:Date} - {days:UInt16}
    )
  ) AS before,
  before.1 >= 5 * before.2 AS is_capped,
  toDecimal256(if(is_capped, 5, before.1), 0) AS lifetime_above,
  if(is_capped, 1, before.2) AS lifetime_below
SELECT
  sold.3 AS customers,
  toDecimal64(round(toDecimal128(sold.1, 8) / nullIf(sold.2, 0), 2), 2) AS average_order_value,
  toDecimal64(round(toDecimal128(sold.2, 8) / nullIf(sold.3, 0), 2), 2) AS orders_per_customer,
  toDecimal64(round(toDecimal128(margin.1, 8) * 100 / nullIf(margin.2, 0), 2), 2) AS gross_margin_percent,
  toDecimal64(round(toDecimal128(before.2, 8) * 100 / nullIf(before.1, 0), 2), 2) AS churn_percent,
  toDecimal64(round(toDecimal128(lifetime_above, 8) / nullIf(lifetime_below, 0), 2), 2) AS lifetime_periods,
  toDecimal64(round(
    toDecimal256(sold.1, 8) * margin.1 * lifetime_above / nullIf(margin.2, 0) / nullIf(sold.3 * lifetime_below, 0), 2
  ), 2) AS lifetime_value
