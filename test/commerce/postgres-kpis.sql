-- The KPIs of docs/kpis.md once more, in PostgreSQL's own words over the shop's own tables: what the platform is held against
-- when the shop is none that the generator made. A part begins with its name. Settings: kpi.currency, kpi.today, kpi.timezone, kpi.now.
-- Costs are the present ones, so a shop whose costs changed since they were received is not to be compared by gross profit.

-- tables
CREATE TEMP TABLE given ON COMMIT DROP AS
SELECT current_setting('kpi.currency') AS wanted, current_setting('kpi.today')::date AS today,
  date_trunc('month', current_setting('kpi.today')::date)::date AS this_month,
  current_setting('kpi.timezone') AS tz, current_setting('kpi.now')::timestamptz AS now;

CREATE TEMP TABLE c ON COMMIT DROP AS
SELECT customer_id, customer_segment AS segment, coalesce(country, 'Unknown') AS country, date_of_birth,
  (registration_date AT TIME ZONE tz)::date AS registered
FROM customers, given
WHERE lower(trim(email)) ~ '^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$' AND registration_date <= now;

CREATE TEMP TABLE p ON COMMIT DROP AS
SELECT product_id, product_name, initcap(trim(category)) AS category, price, cost, stock_quantity, reorder_level, is_active FROM products;

CREATE TEMP TABLE o ON COMMIT DROP AS
SELECT *, status <> 'Cancelled' AND payment <> 'Failed' AS counted
FROM (
  SELECT order_id, customer_id, order_date, (order_date AT TIME ZONE tz)::date AS day, initcap(trim(order_status)) AS status,
    initcap(trim(payment_status)) AS payment, payment_method, total_amount, total_amount - tax_amount - shipping_cost AS value,
    fulfillment_date, campaign_id
  FROM orders, given
  WHERE total_amount >= 0 AND order_date <= now AND coalesce(fulfillment_date >= order_date, true) AND upper(trim(currency)) = wanted
) AS good
WHERE NOT (status = 'Cancelled' AND fulfillment_date IS NOT NULL);

CREATE TEMP TABLE b ON COMMIT DROP AS
SELECT o.*, c.customer_id IS NOT NULL AS is_known, coalesce(c.segment, 'Unknown') AS segment, coalesce(c.country, 'Unknown') AS country
FROM o LEFT JOIN c USING (customer_id) WHERE counted;

CREATE TEMP TABLE l ON COMMIT DROP AS
SELECT i.order_id, i.product_id, o.customer_id, o.day, i.quantity, i.quantity * i.unit_price AS gross,
  i.quantity * i.unit_price - i.line_total AS discount, i.line_total AS revenue,
  initcap(trim(i.return_status)) = 'Completed' AS returned, (i.returned_at AT TIME ZONE tz)::date AS returned_day,
  coalesce(p.category, 'Unknown') AS category, coalesce(p.product_name, 'Unknown') AS product_name, p.cost
FROM order_items AS i
CROSS JOIN given
JOIN o ON o.order_id = i.order_id AND o.counted
LEFT JOIN p ON p.product_id = i.product_id
WHERE i.quantity > 0 AND abs(i.line_total - i.quantity * i.unit_price * (100 - i.discount_percentage) / 100) <= 0.01;

CREATE TEMP TABLE s ON COMMIT DROP AS
SELECT day, category, quantity AS units, gross, discount, 0.00 AS returned, revenue AS net FROM l
UNION ALL SELECT returned_day, category, 0, 0, 0, revenue, -revenue FROM l WHERE returned;

CREATE TEMP TABLE k ON COMMIT DROP AS
SELECT campaign_id, campaign_name, upper(trim(channel)) AS channel, start_date, budget, impressions, clicks, conversions, revenue_generated AS revenue
FROM marketing_campaigns
WHERE end_date >= start_date AND clicks <= impressions AND conversions <= clicks;

CREATE TEMP TABLE m ON COMMIT DROP AS
SELECT product_id, (transaction_date AT TIME ZONE tz)::date AS day, quantity, upper(trim(transaction_type)) AS kind
FROM inventory_transactions CROSS JOIN given JOIN p USING (product_id)
WHERE NOT (upper(trim(transaction_type)) = 'IN' AND quantity < 0 OR upper(trim(transaction_type)) = 'OUT' AND quantity > 0);

CREATE TEMP TABLE h ON COMMIT DROP AS
SELECT product_id, d::date AS day, category, is_active, product_name, cost,
  sum(coalesce(moved, 0)) OVER (PARTITION BY product_id ORDER BY d) AS on_hand, coalesce(came, 0) AS units_in, coalesce(went, 0) AS units_out
FROM (SELECT product_id, min(m.day) AS first_day FROM m GROUP BY product_id) AS t
JOIN p USING (product_id)
CROSS JOIN LATERAL generate_series(first_day, (SELECT max(day) FROM m), interval '1 day') AS d
LEFT JOIN (
  SELECT product_id, day AS d, sum(quantity) AS moved, sum(quantity) FILTER (WHERE kind = 'IN') AS came, -sum(quantity) FILTER (WHERE kind = 'OUT') AS went
  FROM m GROUP BY product_id, day
) AS x USING (product_id, d);

-- average_order_value
SELECT count(*) AS orders, coalesce(sum(value), 0) AS sales_after_discount, round(sum(value) / nullif(count(*), 0), 2) AS average_order_value FROM b

-- overview
SELECT (SELECT count(*) FROM c) AS customers, (SELECT count(DISTINCT customer_id) FROM b WHERE is_known) AS customers_with_orders, n.orders,
  (SELECT coalesce(sum(units), 0) FROM s) AS units, (SELECT coalesce(sum(net), 0) FROM s) AS net_sales, round(n.value / nullif(n.orders, 0), 2) AS average_order_value,
  round((SELECT coalesce(sum(units), 0) FROM s)::numeric / nullif(n.orders, 0), 2) AS units_per_order, round(n.value / nullif(n.buyers, 0), 2) AS revenue_per_customer
FROM (SELECT count(*) AS orders, count(DISTINCT customer_id) AS buyers, sum(value) AS value FROM b) AS n

-- daily_sales
SELECT day::text, coalesce(orders, 0) AS orders, coalesce(customers, 0) AS customers, coalesce(units, 0) AS units, coalesce(gross, 0) AS gross_sales,
  coalesce(discounts, 0) AS discounts, coalesce(returned, 0) AS returns, coalesce(net, 0) AS net_sales, round(value / nullif(orders, 0), 2) AS average_order_value
FROM (SELECT day, sum(units) AS units, sum(gross) AS gross, sum(discount) AS discounts, sum(returned) AS returned, sum(net) AS net FROM s GROUP BY day) AS sold
FULL JOIN (SELECT day, count(*) AS orders, count(DISTINCT customer_id) AS customers, sum(value) AS value FROM b GROUP BY day) AS ordered USING (day), given
WHERE day > today - 30 AND day <= today ORDER BY day

-- monthly_sales
SELECT month::text, coalesce(orders, 0) AS orders, coalesce(customers, 0) AS customers, coalesce(units, 0) AS units, coalesce(gross, 0) AS gross_sales,
  coalesce(discounts, 0) AS discounts, coalesce(returned, 0) AS returns, coalesce(net, 0) AS net_sales, round(value / nullif(orders, 0), 2) AS average_order_value
FROM (SELECT date_trunc('month', day)::date AS month, sum(units) AS units, sum(gross) AS gross, sum(discount) AS discounts, sum(returned) AS returned, sum(net) AS net FROM s GROUP BY 1) AS sold
FULL JOIN (SELECT date_trunc('month', day)::date AS month, count(*) AS orders, count(DISTINCT customer_id) AS customers, sum(value) AS value FROM b GROUP BY 1) AS ordered USING (month)
ORDER BY month

-- month_over_month
SELECT month::date::text AS month, net AS net_sales, before AS previous_net_sales, round((net - before) * 100 / nullif(before, 0), 2) AS growth_percent
FROM given, generate_series(this_month - interval '12 months', this_month - interval '1 month', interval '1 month') AS month,
  LATERAL (SELECT coalesce(sum(net), 0) AS net FROM s WHERE date_trunc('month', day) = month) AS this,
  LATERAL (SELECT coalesce(sum(net), 0) AS before FROM s WHERE date_trunc('month', day) = month - interval '1 month') AS previous
ORDER BY month

-- customers_by_segment
SELECT segment AS customer_segment, count(*) AS customers, round(count(*) * 100.0 / sum(count(*)) OVER (), 2) AS share_percent
FROM c GROUP BY segment ORDER BY customers DESC, segment COLLATE "C"

-- customers_by_age
SELECT extract(year FROM age(today, date_of_birth))::int / 10 * 10 AS age_from, count(*) AS customers, round(count(*) * 100.0 / sum(count(*)) OVER (), 2) AS share_percent
FROM c, given GROUP BY 1 ORDER BY 1

-- top_customers
SELECT customer_id, any_value(segment) AS customer_segment, count(*) AS orders, sum(value) AS spend, round(sum(value) / count(*), 2) AS average_order_value
FROM b GROUP BY customer_id ORDER BY spend DESC, customer_id LIMIT 20

-- purchase_frequency
SELECT CASE WHEN n = 1 THEN 'One-time' WHEN n <= 5 THEN 'Occasional' ELSE 'Loyal' END AS band, count(*) AS customers,
  round(count(*) * 100.0 / sum(count(*)) OVER (), 2) AS share_percent, sum(n) AS orders, sum(spend) AS spend
FROM (SELECT count(*) AS n, sum(value) AS spend FROM b GROUP BY customer_id) AS buyers GROUP BY band ORDER BY min(n)

-- customer_value_by_segment
SELECT segment AS customer_segment, customers, orders, revenue, round(revenue / customers, 2) AS average_spend, round(orders::numeric / customers, 2) AS orders_per_customer,
  gross_profit, round(gross_profit / customers, 2) AS gross_profit_per_customer
FROM (SELECT segment, count(DISTINCT customer_id) AS customers, count(*) AS orders, sum(value) AS revenue FROM b GROUP BY segment) AS bought,
  LATERAL (
    SELECT coalesce(sum(revenue - quantity * cost) FILTER (WHERE NOT returned), 0) AS gross_profit
    FROM l LEFT JOIN c USING (customer_id) WHERE coalesce(c.segment, 'Unknown') = bought.segment
  ) AS earned
ORDER BY segment COLLATE "C"

-- customer_funnel
SELECT step, customers, round(customers * 100.0 / nullif((SELECT count(*) FROM c), 0), 2) AS percent_of_customers_percent
FROM (
  SELECT '1 customers' AS step, count(*) AS customers FROM c
  UNION ALL SELECT '2 with an order', count(DISTINCT customer_id) FROM b WHERE is_known
  UNION ALL SELECT '3 with several orders', count(*) FROM (SELECT FROM b WHERE is_known GROUP BY customer_id HAVING count(*) > 1) AS again
) AS steps ORDER BY step

-- new_customers
SELECT month::date::text AS month, (SELECT count(*) FROM c WHERE date_trunc('month', registered) = month) AS registrations,
  (SELECT count(*) FROM (SELECT min(day) AS first_day FROM b GROUP BY customer_id) AS f WHERE date_trunc('month', first_day) = month) AS first_time_buyers
FROM given, generate_series(this_month - interval '12 months', this_month - interval '1 month', interval '1 month') AS month ORDER BY month

-- sales_by_country
SELECT country, count(DISTINCT customer_id) AS customers, count(*) AS orders, sum(value) AS revenue, round(sum(value) / count(*), 2) AS average_order_value
FROM b GROUP BY country ORDER BY revenue DESC, country COLLATE "C"

-- repeat_purchase_rate
SELECT count(*) AS customers_with_orders, count(*) FILTER (WHERE n > 1) AS repeat_customers, round(count(*) FILTER (WHERE n > 1) * 100.0 / nullif(count(*), 0), 2) AS repeat_purchase_percent
FROM (SELECT count(*) AS n FROM b GROUP BY customer_id) AS buyers

-- returning_customers
SELECT month::date::text AS month, count(*) AS customers, count(*) FILTER (WHERE first_month < month) AS returning_customers,
  round(count(*) FILTER (WHERE first_month < month) * 100.0 / count(*), 2) AS returning_percent
FROM given, (SELECT DISTINCT customer_id, date_trunc('month', day) AS month FROM b) AS bought
JOIN (SELECT customer_id, date_trunc('month', min(day)) AS first_month FROM b GROUP BY customer_id) AS f USING (customer_id)
WHERE month >= this_month - interval '12 months' AND month < this_month GROUP BY month ORDER BY month

-- retention_cohorts
SELECT cohort::date::text AS cohort, cohort_size, month_number,
  CASE WHEN later <= this_month THEN customers END AS customers, CASE WHEN later <= this_month THEN round(customers * 100.0 / cohort_size, 2) END AS retention_percent
FROM given,
  (SELECT date_trunc('month', first_day) AS cohort, count(*) AS cohort_size FROM (SELECT min(day) AS first_day FROM b GROUP BY customer_id) AS f GROUP BY 1) AS cohorts,
  generate_series(0, 11) AS month_number, LATERAL (SELECT cohort + month_number * interval '1 month' AS later) AS n,
  LATERAL (
    SELECT count(*) AS customers FROM (SELECT FROM b GROUP BY customer_id HAVING date_trunc('month', min(day)) = cohort AND bool_or(date_trunc('month', day) = later)) AS again
  ) AS a
WHERE cohort > this_month - interval '12 months' AND cohort <= this_month ORDER BY cohort, month_number

-- churn
SELECT count(*) AS customers_with_orders, count(*) FILTER (WHERE last_day <= today - 180) AS churned_customers,
  round(count(*) FILTER (WHERE last_day <= today - 180) * 100.0 / nullif(count(*), 0), 2) AS churn_percent
FROM given, (SELECT max(day) AS last_day FROM b, given WHERE day <= today GROUP BY customer_id) AS buyers

-- rfm_segments
WITH buyers AS (
  SELECT customer_id, count(*) FILTER (WHERE day > today - 365) AS n, coalesce(sum(value) FILTER (WHERE day > today - 365), 0) AS spend, max(day) AS last_day
  FROM b, given WHERE day <= today GROUP BY customer_id
), scored AS (
  SELECT n, spend, 1 + 5 * (rank() OVER (ORDER BY last_day) - 1) / count(*) OVER () AS r,
    (2 + 5 * (rank() OVER (ORDER BY n) - 1) / count(*) OVER () + 5 * (rank() OVER (ORDER BY spend) - 1) / count(*) OVER ()) / 2 AS fm
  FROM buyers WHERE n > 0
), named AS (
  SELECT (ARRAY[
    ['DORMANT', 'DORMANT', 'AT_RISK', 'PREVIOUSLY_LOYAL', 'PREVIOUSLY_LOYAL'], ['ALMOST_LOST', 'ALMOST_LOST', 'AT_RISK', 'AT_RISK', 'PREVIOUSLY_LOYAL'],
    ['PROMISING', 'NEEDS_ATTENTION', 'NEEDS_ATTENTION', 'LOYAL', 'LOYAL'], ['PROMISING', 'ACTIVE', 'ACTIVE', 'LOYAL', 'CHAMPIONS'], ['NEW', 'ACTIVE', 'ACTIVE', 'CHAMPIONS', 'CHAMPIONS']
  ])[r][fm] AS segment, n, spend FROM scored
  UNION ALL SELECT 'DORMANT', n, spend FROM buyers WHERE n = 0
  UNION ALL SELECT 'PROSPECTS', 0, 0 FROM c WHERE customer_id NOT IN (SELECT customer_id FROM buyers)
)
SELECT segment, count(*) AS customers, round(count(*) * 100.0 / sum(count(*)) OVER (), 2) AS share_percent, sum(n) AS orders, sum(spend) AS revenue
FROM named GROUP BY segment ORDER BY customers DESC, segment COLLATE "C"

-- customer_lifetime_value
SELECT customers, round(value / nullif(orders, 0), 2) AS average_order_value, round(orders::numeric / nullif(customers, 0), 2) AS orders_per_customer,
  round(profit * 100 / nullif(revenue, 0), 2) AS gross_margin_percent, round(lost * 100.0 / nullif(earlier, 0), 2) AS churn_percent, round(lifetime, 2) AS lifetime_periods,
  round(value / nullif(customers, 0) * profit / nullif(revenue, 0) * lifetime, 2) AS lifetime_value
FROM
  (SELECT count(*) AS orders, count(DISTINCT customer_id) AS customers, sum(value) AS value FROM b, given WHERE day > today - 365 AND day <= today) AS sold,
  (SELECT coalesce(sum(revenue - quantity * cost), 0) AS profit, coalesce(sum(revenue), 0) AS revenue FROM l, given WHERE NOT returned AND cost IS NOT NULL AND day > today - 365 AND day <= today) AS margin,
  (
    SELECT count(*) AS earlier, count(*) FILTER (WHERE last_day <= today - 365) AS lost
    FROM given, (SELECT min(day) AS first_day, max(day) AS last_day FROM b, given WHERE day > today - 730 AND day <= today GROUP BY customer_id) AS buyers WHERE first_day <= today - 365
  ) AS before,
  LATERAL (SELECT coalesce(least(5, earlier::numeric / nullif(lost, 0)), 5) AS lifetime) AS x

-- top_categories
SELECT category, sum(units) AS units, sum(gross) AS gross_sales, sum(discount) AS discounts, sum(returned) AS returns, sum(net) AS net_sales,
  round(sum(net) * 100 / nullif(sum(sum(net)) OVER (), 0), 2) AS share_percent
FROM s GROUP BY category ORDER BY net_sales DESC, category COLLATE "C" LIMIT 10

-- top_products
SELECT product_id, any_value(product_name) AS product_name, any_value(category) AS category, sum(quantity) AS units, sum(gross) AS gross_sales, sum(discount) AS discounts,
  coalesce(sum(revenue) FILTER (WHERE returned), 0) AS returns, coalesce(sum(revenue) FILTER (WHERE NOT returned), 0) AS net_sales
FROM l GROUP BY product_id ORDER BY net_sales DESC, product_id LIMIT 20

-- products_by_category
SELECT category, count(*) AS products, count(*) FILTER (WHERE is_active) AS active_products, count(*) FILTER (WHERE NOT is_active) AS inactive_products,
  round(avg(price), 2) AS average_price, min(price) AS lowest_price, max(price) AS highest_price
FROM p GROUP BY category ORDER BY products DESC, category COLLATE "C"

-- low_stock
SELECT product_id, product_name, category, stock_quantity AS current_stock, reorder_level, CASE WHEN stock_quantity <= 0 THEN 'Out of Stock' ELSE 'Low Stock' END AS stock_status
FROM p WHERE is_active AND stock_quantity <= reorder_level ORDER BY stock_quantity, product_id LIMIT 50

-- abc_classes
SELECT class, count(*) AS products, sum(net) AS net_sales, round(sum(net) * 100 / nullif(any_value(total), 0), 2) AS share_percent
FROM (
  SELECT net, total, CASE WHEN before * 100 < total * 80 THEN 'A' WHEN before * 100 < total * 95 THEN 'B' ELSE 'C' END AS class
  FROM (
    SELECT net, sum(net) OVER () AS total, sum(net) OVER (ORDER BY net DESC, product_id ROWS UNBOUNDED PRECEDING) - net AS before
    FROM (SELECT product_id, coalesce(sum(revenue) FILTER (WHERE NOT returned), 0) AS net FROM l GROUP BY product_id) AS sold
  ) AS ranked
) AS classed GROUP BY class ORDER BY class

-- return_rate
SELECT category, sum(quantity) AS units_sold, coalesce(sum(quantity) FILTER (WHERE returned), 0) AS units_returned,
  round(coalesce(sum(quantity) FILTER (WHERE returned), 0) * 100.0 / sum(quantity), 2) AS return_percent,
  round(coalesce(sum(revenue) FILTER (WHERE returned), 0) * 100 / nullif(sum(revenue), 0), 2) AS value_return_percent
FROM l, given WHERE day <= today - 30 GROUP BY category ORDER BY category COLLATE "C"

-- basket_pairs
WITH w AS (SELECT DISTINCT order_id, product_id FROM l, given WHERE day > today - 90 AND day <= today),
  n AS (SELECT count(DISTINCT order_id) AS everything FROM w),
  one AS (SELECT product_id, count(*) AS orders FROM w GROUP BY product_id)
SELECT a.product_id AS product_a, z.product_id AS product_b, count(*) AS orders, round(count(*) * 100.0 / any_value(everything), 2) AS support_percent,
  round(count(*) * 100.0 / any_value(one.orders), 2) AS confidence_percent, round(count(*)::numeric * any_value(everything) / (any_value(one.orders) * any_value(two.orders)), 2) AS lift
FROM n, w AS a JOIN w AS z ON z.order_id = a.order_id AND z.product_id > a.product_id
JOIN one ON one.product_id = a.product_id JOIN one AS two ON two.product_id = z.product_id
GROUP BY a.product_id, z.product_id ORDER BY count(*) DESC, a.product_id, z.product_id LIMIT 20

-- inventory_turnover
SELECT category, sum(sold * cost) AS cost_of_goods_sold, round(sum(stock * cost) / nullif(days, 0), 2) AS average_inventory_value,
  round(sum(sold * cost) * days / nullif(sum(stock * cost), 0), 2) AS inventory_turnover, sum(sold) AS units_sold,
  round(sum(stock) / nullif(days, 0), 2) AS average_units, round(sum(sold) * days::numeric / nullif(sum(stock), 0), 2) AS unit_turnover
FROM (SELECT DISTINCT product_id, category, cost FROM m JOIN p USING (product_id)) AS t
CROSS JOIN (SELECT today, least(today, (SELECT max(day) FROM m)) - (today - 365) AS days FROM given) AS d,
  LATERAL (
    SELECT coalesce(sum(on_hand), 0) AS stock, coalesce(sum(units_out), 0) AS sold FROM h WHERE h.product_id = t.product_id AND day > today - 365 AND day <= today
  ) AS w
GROUP BY category, days ORDER BY category COLLATE "C"

-- stock_out_rate
SELECT category, count(*) AS sku_days, count(*) FILTER (WHERE on_hand <= 0) AS stock_out_days, round(count(*) FILTER (WHERE on_hand <= 0) * 100.0 / count(*), 2) AS stock_out_percent
FROM h, given WHERE is_active AND day > today - 90 AND day <= today GROUP BY category ORDER BY category COLLATE "C"

-- sell_through
SELECT category, coalesce(sum(on_hand) FILTER (WHERE day = today - 30), 0) AS starting_units, coalesce(sum(units_in) FILTER (WHERE day > today - 30), 0) AS received_units,
  coalesce(sum(units_out) FILTER (WHERE day > today - 30), 0) AS sold_units,
  round(coalesce(sum(units_out) FILTER (WHERE day > today - 30), 0) * 100.0
    / nullif(coalesce(sum(on_hand) FILTER (WHERE day = today - 30), 0) + coalesce(sum(units_in) FILTER (WHERE day > today - 30), 0), 0), 2) AS sell_through_percent
FROM (SELECT DISTINCT product_id, p.category FROM m JOIN p USING (product_id)) AS t
LEFT JOIN (SELECT product_id, day, on_hand, units_in, units_out FROM h, given WHERE day >= today - 30 AND day <= today) AS w USING (product_id), given
GROUP BY category ORDER BY category COLLATE "C"

-- days_of_inventory
SELECT product_id, product_name, stock AS on_hand, round(sold / 28.0, 2) AS daily_units, round(stock * 28.0 / nullif(sold, 0), 1) AS days_of_inventory
FROM (
  SELECT product_id, any_value(product_name) AS product_name, coalesce(sum(on_hand) FILTER (WHERE day = last_day), 0) AS stock, coalesce(sum(units_out) FILTER (WHERE day > today - 28), 0) AS sold
  FROM h, given, LATERAL (SELECT least(today, (SELECT max(day) FROM m)) AS last_day) AS x
  WHERE is_active AND day > least(today - 28, last_day - 1) AND day <= today GROUP BY product_id
) AS t ORDER BY sold = 0, CASE WHEN sold > 0 THEN stock::numeric / sold END, product_id LIMIT 20

-- campaigns_by_channel
SELECT channel, count(*) AS campaigns, sum(budget) AS budget, sum(impressions) AS impressions, sum(clicks) AS clicks, sum(conversions) AS conversions, sum(revenue) AS revenue,
  round(sum(clicks) * 100.0 / nullif(sum(impressions), 0), 2) AS ctr_percent, round(sum(conversions) * 100.0 / nullif(sum(clicks), 0), 2) AS conversion_rate_percent,
  round(sum(budget) / nullif(sum(clicks), 0), 2) AS cost_per_click, round(sum(budget) / nullif(sum(conversions), 0), 2) AS cost_per_conversion,
  round(sum(revenue) / nullif(sum(budget), 0), 2) AS roas, round((sum(revenue) - sum(budget)) * 100 / nullif(sum(budget), 0), 2) AS roi_percent
FROM k GROUP BY channel ORDER BY channel

-- top_campaigns
SELECT campaign_id, campaign_name, channel, budget, revenue, round((revenue - budget) * 100 / budget, 2) AS roi_percent FROM k WHERE budget > 0 ORDER BY revenue / budget DESC, campaign_id LIMIT 10

-- campaigns_by_month
SELECT date_trunc('month', start_date)::date::text AS month, count(*) AS campaigns, sum(budget) AS budget, sum(revenue) AS revenue, sum(conversions) AS conversions,
  round((sum(revenue) - sum(budget)) * 100 / nullif(sum(budget), 0), 2) AS roi_percent
FROM k GROUP BY 1 ORDER BY 1

-- conversion_rate
SELECT coalesce(sum(impressions), 0) AS impressions, coalesce(sum(clicks), 0) AS clicks, coalesce(sum(conversions), 0) AS conversions,
  round(sum(clicks) * 100.0 / nullif(sum(impressions), 0), 2) AS ctr_percent, round(sum(conversions) * 100.0 / nullif(sum(clicks), 0), 2) AS conversion_rate_percent FROM k

-- acquisition_cost
SELECT channel, budget, conversions, round(budget / nullif(conversions, 0), 2) AS cost_per_conversion, coalesce(n, 0) AS new_customers, round(budget / nullif(n, 0), 2) AS cost_per_new_customer
FROM (SELECT channel, sum(budget) AS budget, sum(conversions) AS conversions FROM k GROUP BY channel) AS spent
LEFT JOIN (SELECT k.channel, count(*) AS n FROM (SELECT DISTINCT ON (customer_id) campaign_id FROM b ORDER BY customer_id, order_date, order_id) AS f JOIN k USING (campaign_id) GROUP BY 1) AS won USING (channel)
ORDER BY channel

-- orders_by_status
SELECT status AS order_status, count(*) AS orders, round(count(*) * 100.0 / sum(count(*)) OVER (), 2) AS share_percent, sum(total_amount) AS total_amount
FROM o GROUP BY status ORDER BY orders DESC, status COLLATE "C"

-- fulfilment_time
SELECT status AS order_status, count(*) AS orders, round(sum(seconds) / (count(*) * 86400), 2) AS average_days,
  round((array_agg(seconds ORDER BY seconds))[floor(count(*) * 0.5)::int + 1] / 86400, 2) AS median_days, round((array_agg(seconds ORDER BY seconds))[floor(count(*) * 0.9)::int + 1] / 86400, 2) AS p90_days
FROM (SELECT status, extract(epoch FROM date_trunc('second', fulfillment_date) - date_trunc('second', order_date)) AS seconds FROM o WHERE fulfillment_date IS NOT NULL) AS f
GROUP BY status ORDER BY status COLLATE "C"

-- payment_methods
SELECT payment_method, count(*) AS orders, count(*) FILTER (WHERE payment = 'Paid') AS paid, count(*) FILTER (WHERE payment = 'Pending') AS pending, count(*) FILTER (WHERE payment = 'Failed') AS failed,
  count(*) FILTER (WHERE payment = 'Refunded') AS refunded, round(count(*) FILTER (WHERE payment = 'Failed') * 100.0 / count(*), 2) AS failed_percent, sum(total_amount) AS total_amount
FROM o GROUP BY payment_method ORDER BY orders DESC, payment_method COLLATE "C"

-- cancellation_rate
SELECT count(*) AS orders, count(*) FILTER (WHERE status = 'Cancelled') AS cancelled_orders, round(count(*) FILTER (WHERE status = 'Cancelled') * 100.0 / nullif(count(*), 0), 2) AS cancellation_percent FROM o
