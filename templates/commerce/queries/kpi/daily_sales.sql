/*
description: >
  Sales of the last days. A sale stands on the day of its order, a return on the day it was completed. net_sales = gross_sales
  - discounts - returns, before tax and shipping. average_order_value = goods after discount / orders: a later return does not
  change it.
parameters:
  days: 30
*/
SELECT
  if(s.day > toDate(0), s.day, o.day) AS day,
  ifNull(o.orders, 0) AS orders,
  ifNull(o.customers, 0) AS customers,
  s.units AS units,
  s.gross_sales AS gross_sales,
  s.discounts AS discounts,
  s.returns AS returns,
  s.net_sales AS net_sales,
  toDecimal64(round(toDecimal128(o.net_amount, 8) / nullIf(o.orders, 0), 2), 2) AS average_order_value
FROM (
  SELECT
    d.sales_date AS day,
    sum(d.total_items_sold) AS units,
    sum(d.gross_sales) AS gross_sales,
    sum(d.total_discount) AS discounts,
    sum(d.total_returns) AS returns,
    sum(d.net_sales) AS net_sales
  FROM gold.fact_daily_sales AS d
  WHERE d.currency = {currency:String} AND d.sales_date > {today:Date} - {days:UInt16} AND d.sales_date <= {today:Date}
  GROUP BY day
) AS s
FULL JOIN (
  SELECT order_day AS day, count() AS orders, uniqExact(customer_id) AS customers, sum(f.net_amount) AS net_amount
  FROM gold.fact_customer_orders AS f
  WHERE is_counted AND currency = {currency:String} AND order_day > {today:Date} - {days:UInt16} AND order_day <= {today:Date}
  GROUP BY day
) AS o ON o.day = s.day
ORDER BY day
