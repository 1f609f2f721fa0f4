/*
description: >
  The shop in one row, over all time.
tags: headline
*/
SELECT
  (SELECT count() FROM gold.dim_customers) AS customers,
  o.buyers_known AS customers_with_orders,
  o.orders AS orders,
  s.units AS units,
  s.net_sales AS net_sales,
  toDecimal64(round(toDecimal128(o.net_amount, 8) / nullIf(o.orders, 0), 2), 2) AS average_order_value,
  toDecimal64(round(toDecimal128(s.units, 8) / nullIf(o.orders, 0), 2), 2) AS units_per_order,
  toDecimal64(round(toDecimal128(o.net_amount, 8) / nullIf(o.buyers, 0), 2), 2) AS revenue_per_customer
FROM (
  SELECT
    uniqExact(customer_key) AS buyers_known,
    uniqExact(customer_id) AS buyers,
    count() AS orders,
    sum(f.net_amount) AS net_amount
  FROM gold.fact_customer_orders AS f
  WHERE is_counted AND currency = {currency:String}
) AS o
CROSS JOIN (
  SELECT sum(total_items_sold) AS units, sum(d.net_sales) AS net_sales
  FROM gold.fact_daily_sales AS d
  WHERE currency = {currency:String}
) AS s
