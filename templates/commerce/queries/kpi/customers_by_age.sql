/*
description: >
  Customers by age in whole years, in bands of ten; NULL without a date of birth.
*/
SELECT
  intDiv(age('year', date_of_birth, {today:Date}), 10) * 10 AS age_from,
  count() AS customers,
  toDecimal64(round(toDecimal128(count(), 8) * 100 / nullIf(sum(count()) OVER (), 0), 2), 2) AS share_percent
FROM silver.customers
GROUP BY age_from
ORDER BY age_from
