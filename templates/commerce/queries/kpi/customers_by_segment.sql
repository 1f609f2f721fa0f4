/*
description: >
  Customers by segment, with their share.
*/
SELECT customer_segment, count() AS customers, toDecimal64(round(toDecimal128(count(), 8) * 100 / nullIf(sum(count()) OVER (), 0), 2), 2) AS share_percent
FROM gold.dim_customers
GROUP BY customer_segment
ORDER BY customers DESC, customer_segment
