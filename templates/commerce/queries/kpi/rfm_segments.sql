/*
description: >
  Customers by recency, frequency and money over the last days. A score is 1 to 5 by quintile of the values (equal values
  score equally); FM is the mean of the frequency and money scores, rounded down. Names as Shopify has them.
tags: headline
parameters:
  days: 365
*/
WITH
  buyers AS (
    SELECT
      customer_id,
      any(customer_key) AS customer_key,
      countIf(order_day > {today:Date} - {days:UInt16}) AS frequency,
      sumIf(net_amount, order_day > {today:Date} - {days:UInt16}) AS monetary,
      max(order_day) AS last_day
    FROM gold.fact_customer_orders
    WHERE is_counted AND currency = {currency:String} AND order_day <= {today:Date}
    GROUP BY customer_id
  ),
  scored AS (
    SELECT
      frequency,
      monetary,
      1 + intDiv(5 * (rank() OVER (ORDER BY last_day) - 1), count() OVER ()) AS r,
      1 + intDiv(5 * (rank() OVER (ORDER BY frequency) - 1), count() OVER ()) AS f,
      1 + intDiv(5 * (rank() OVER (ORDER BY monetary) - 1), count() OVER ()) AS m
    FROM buyers
    WHERE frequency > 0
  ),
  [
    ['DORMANT', 'DORMANT', 'AT_RISK', 'PREVIOUSLY_LOYAL', 'PREVIOUSLY_LOYAL'],
    ['ALMOST_LOST', 'ALMOST_LOST', 'AT_RISK', 'AT_RISK', 'PREVIOUSLY_LOYAL'],
    ['PROMISING', 'NEEDS_ATTENTION', 'NEEDS_ATTENTION', 'LOYAL', 'LOYAL'],
    ['PROMISING', 'ACTIVE', 'ACTIVE', 'LOYAL', 'CHAMPIONS'],
    ['NEW', 'ACTIVE', 'ACTIVE', 'CHAMPIONS', 'CHAMPIONS']
  ] AS names
SELECT
  c.segment AS segment,
  count() AS customers,
  toDecimal64(round(toDecimal128(count(), 8) * 100 / nullIf(sum(count()) OVER (), 0), 2), 2) AS share_percent,
  sum(c.orders) AS orders,
  sum(c.spend) AS revenue
FROM (
  SELECT names[r][intDiv(f + m, 2)] AS segment, frequency AS orders, monetary AS spend FROM scored
  UNION ALL
  SELECT 'DORMANT', frequency, monetary FROM buyers WHERE frequency = 0
  UNION ALL
  SELECT 'PROSPECTS', 0, 0 FROM gold.dim_customers
  WHERE customer_key NOT IN (SELECT assumeNotNull(customer_key) FROM buyers WHERE customer_key IS NOT NULL)
) AS c
GROUP BY segment
ORDER BY customers DESC, segment
