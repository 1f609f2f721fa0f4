-- A sale stands on the day of its order, a return on the day it was completed. Cancelled orders and failed payments do not count.
WITH lines AS (
  SELECT
    o.order_day, i.returned_day, i.is_returned, coalesce(p.category, 'Unknown') AS category, o.currency, o.order_id, o.customer_id,
    i.quantity, i.gross_amount, i.discount_amount, i.line_total, i.tax_amount
  FROM {{ ref('order_items') }} AS i
  JOIN {{ ref('orders') }} AS o ON o.order_id = i.order_id
  LEFT JOIN {{ ref('products') }} AS p ON p.product_id = i.product_id
  WHERE o.is_counted
),

sales AS (
  SELECT
    order_day AS sales_date, category, currency,
    count(DISTINCT order_id) AS total_orders,
    count(DISTINCT customer_id) AS unique_customers,
    sum(quantity)::BIGINT AS total_items_sold,
    sum(gross_amount) AS gross_sales,
    sum(discount_amount) AS total_discount,
    sum(line_total) AS total_revenue,
    sum(tax_amount) AS total_tax
  FROM lines
  GROUP BY ALL
),

returns AS (
  SELECT returned_day AS sales_date, category, currency, sum(line_total) AS total_returns
  FROM lines
  WHERE is_returned
  GROUP BY ALL
)

SELECT
  sales_date,
  category,
  currency,
  coalesce(total_orders, 0) AS total_orders,
  coalesce(unique_customers, 0) AS unique_customers,
  coalesce(total_items_sold, 0) AS total_items_sold,
  coalesce(gross_sales, 0)::DECIMAL(18, 2) AS gross_sales,
  coalesce(total_discount, 0)::DECIMAL(18, 2) AS total_discount,
  coalesce(s.total_revenue, 0)::DECIMAL(18, 2) AS total_revenue,
  coalesce(r.total_returns, 0)::DECIMAL(18, 2) AS total_returns,
  (coalesce(s.total_revenue, 0) - coalesce(r.total_returns, 0))::DECIMAL(18, 2) AS net_sales,
  coalesce(total_tax, 0)::DECIMAL(18, 2) AS total_tax,
  {{ ratio('s.total_revenue', 'total_orders') }} AS avg_order_value
FROM sales AS s
FULL JOIN returns AS r USING (sales_date, category, currency)
