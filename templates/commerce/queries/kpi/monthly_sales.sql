/*
description: >
  Sales by month: see daily_sales. Orders and customers are counted from the orders of the month, never added up from days or
  categories.
tags: headline
*/
-- Unlike 003: no customer counts twice because he bought on two days, no order because it has two categories.
SELECT
  if(s.month > toDate(0), s.month, o.month) AS month,
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
    toStartOfMonth(d.sales_date) AS month,
    sum(d.total_items_sold) AS units,
    sum(d.gross_sales) AS gross_sales,
    sum(d.total_discount) AS discounts,
    sum(d.total_returns) AS returns,
    sum(d.net_sales) AS net_sales
  FROM gold.fact_daily_sales AS d
  WHERE d.currency = {currency:String}
  GROUP BY month
) AS s
FULL JOIN (
  SELECT toStartOfMonth(order_day) AS month, count() AS orders, uniqExact(customer_id) AS customers, sum(f.net_amount) AS net_amount
  FROM gold.fact_customer_orders AS f
  WHERE is_counted AND currency = {currency:String}
  GROUP BY month
) AS o ON o.month = s.month
ORDER BY month
