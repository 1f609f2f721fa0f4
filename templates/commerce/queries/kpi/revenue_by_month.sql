/*
description: >
  Sales by month of order. net_sales = gross_sales - discounts - returns; all before tax and shipping.
  Cancelled orders do not count. Orders are counted from the orders, never added up from categories.
parameters:
  currency: EUR
*/
SELECT
  month,
  orders,
  gross_sales,
  discounts,
  returns,
  net_sales
FROM (
  SELECT
    toStartOfMonth(sales_date) AS month,
    sum(s.gross_sales) AS gross_sales,
    sum(s.total_discount) AS discounts,
    sum(s.total_returns) AS returns,
    sum(s.net_sales) AS net_sales
  FROM gold.fact_daily_sales AS s
  WHERE currency = {currency:String}
  GROUP BY month
) AS sales
INNER JOIN (
  SELECT toStartOfMonth(order_day) AS month, count() AS orders
  FROM gold.fact_customer_orders
  WHERE is_counted AND currency = {currency:String}
  GROUP BY month
) AS counts USING (month)
ORDER BY month
