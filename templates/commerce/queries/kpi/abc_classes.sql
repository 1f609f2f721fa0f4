/*
description: >
  Products by their share of net sales: A up to 80 %, B up to 95 %, C the rest.
*/
SELECT
  multiIf(before * 100 < total * 80, 'A', before * 100 < total * 95, 'B', 'C') AS class,
  count() AS products,
  sum(s.product_sales) AS net_sales,
  toDecimal64(round(toDecimal128(sum(s.product_sales), 8) * 100 / nullIf(any(total), 0), 2), 2) AS share_percent
FROM (
  SELECT
    product_sales,
    sum(product_sales) OVER (ORDER BY product_sales DESC, product_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - product_sales AS before,
    sum(product_sales) OVER () AS total
  FROM (
    SELECT product_id, sumIf(revenue, NOT is_returned) AS product_sales
    FROM gold.fact_order_lines
    WHERE is_counted AND currency = {currency:String}
    GROUP BY product_id
  )
) AS s
GROUP BY class
ORDER BY class
