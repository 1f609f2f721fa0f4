"""Ten KPIs by Spark's own SQL over the silver tables. Usage: spark_kpis.py <lake folder> <today> <out.json> <folder of jars>"""
import glob, json, os, sys, time

os.environ["TZ"] = "UTC"
time.tzset()
from pyspark.sql import SparkSession

lake, today, out, folder = sys.argv[1:5]
jars = [jar for name in ("delta-*", "unitycatalog-*") for jar in glob.glob(folder + "/" + name + ".jar")]
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.jars", ",".join(jars))
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.ui.enabled", "false")
    .config("spark.ui.showConsoleProgress", "false")
    .config("spark.driver.memory", "1g")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
for table in os.listdir(lake + "/silver"):
    spark.read.format("delta").load(lake + "/silver/" + table).createOrReplaceTempView(table)

spark.sql("CREATE OR REPLACE TEMP VIEW sold AS SELECT * FROM orders WHERE order_status <> 'Cancelled' AND payment_status <> 'Failed'")
spark.sql("CREATE OR REPLACE TEMP VIEW sale_lines AS SELECT i.*, s.order_day, s.customer_id FROM order_items i JOIN sold s ON s.order_id = i.order_id")

kpis = {
    "average_order_value": """
        SELECT count(*) AS orders, sum(net_amount) AS sales_after_discount, round(sum(net_amount) / count(*), 2) AS average_order_value FROM sold""",
    "repeat_purchase_rate": """
        WITH b AS (SELECT customer_id, count(*) AS n FROM sold GROUP BY customer_id)
        SELECT count(*) AS customers_with_orders, count_if(n > 1) AS repeat_customers, round(count_if(n > 1) * 100 / count(*), 2) AS repeat_purchase_percent FROM b""",
    "top_categories": """
        WITH by_line AS (SELECT coalesce(p.category, 'Unknown') AS category, l.* FROM sale_lines l LEFT JOIN products p ON p.product_id = l.product_id),
        c AS (SELECT category, sum(quantity) AS units, sum(gross_amount) AS gross_sales, sum(discount_amount) AS discounts,
          sum(CASE WHEN is_returned THEN line_total ELSE 0 END) AS returns,
          sum(line_total) - sum(CASE WHEN is_returned THEN line_total ELSE 0 END) AS net_sales FROM by_line GROUP BY category)
        SELECT *, round(net_sales * 100 / (SELECT sum(net_sales) FROM c), 2) AS share_percent FROM c ORDER BY net_sales DESC, category LIMIT 10""",
    "orders_by_status": """
        SELECT order_status, count(*) AS orders, round(count(*) * 100 / (SELECT count(*) FROM orders), 2) AS share_percent, sum(total_amount) AS total_amount
        FROM orders GROUP BY order_status ORDER BY orders DESC, order_status""",
    "payment_methods": """
        SELECT payment_method, count(*) AS orders, count_if(payment_status = 'Paid') AS paid, count_if(payment_status = 'Pending') AS pending,
          count_if(payment_status = 'Failed') AS failed, count_if(payment_status = 'Refunded') AS refunded,
          round(count_if(payment_status = 'Failed') * 100 / count(*), 2) AS failed_percent, sum(total_amount) AS total_amount
        FROM orders GROUP BY payment_method ORDER BY orders DESC, payment_method""",
    "customers_by_segment": """
        SELECT customer_segment, count(*) AS customers, round(count(*) * 100 / (SELECT count(*) FROM customers), 2) AS share_percent
        FROM customers GROUP BY customer_segment ORDER BY customers DESC, customer_segment""",
    "top_customers": """
        SELECT s.customer_id, first(coalesce(c.customer_segment, 'Unknown')) AS customer_segment, count(*) AS orders, sum(net_amount) AS spend,
          round(sum(net_amount) / count(*), 2) AS average_order_value
        FROM sold s LEFT JOIN customers c ON c.customer_id = s.customer_id GROUP BY s.customer_id ORDER BY spend DESC, s.customer_id LIMIT 20""",
    "churn": f"""
        WITH b AS (SELECT customer_id, max(order_day) AS last FROM sold WHERE order_day <= date'{today}' GROUP BY customer_id)
        SELECT count(*) AS customers_with_orders, count_if(last <= date'{today}' - 180) AS churned_customers,
          round(count_if(last <= date'{today}' - 180) * 100 / count(*), 2) AS churn_percent FROM b""",
    "campaigns_by_channel": """
        SELECT channel, count(*) AS campaigns, sum(budget) AS budget, sum(impressions) AS impressions, sum(clicks) AS clicks, sum(conversions) AS conversions,
          sum(revenue) AS revenue, round(try_divide(sum(clicks) * 100, sum(impressions)), 2) AS ctr_percent,
          round(try_divide(sum(conversions) * 100, sum(clicks)), 2) AS conversion_rate_percent, round(try_divide(sum(budget), sum(clicks)), 2) AS cost_per_click,
          round(try_divide(sum(budget), sum(conversions)), 2) AS cost_per_conversion, round(try_divide(sum(revenue), sum(budget)), 2) AS roas,
          round(try_divide((sum(revenue) - sum(budget)) * 100, sum(budget)), 2) AS roi_percent
        FROM marketing_campaigns GROUP BY channel ORDER BY channel""",
    "return_rate": f"""
        SELECT coalesce(p.category, 'Unknown') AS category, sum(quantity) AS units_sold, sum(CASE WHEN is_returned THEN quantity ELSE 0 END) AS units_returned,
          round(sum(CASE WHEN is_returned THEN quantity ELSE 0 END) * 100 / sum(quantity), 2) AS return_percent,
          round(sum(CASE WHEN is_returned THEN line_total ELSE 0 END) * 100 / sum(line_total), 2) AS value_return_percent
        FROM sale_lines l LEFT JOIN products p ON p.product_id = l.product_id WHERE order_day <= date'{today}' - 30 GROUP BY 1 ORDER BY 1""",
}


def text(value):
    return None if value is None else str(value)


found = {name: [{key: text(value) for key, value in row.asDict().items()} for row in spark.sql(sql).collect()] for name, sql in kpis.items()}
json.dump(found, open(out, "w"))
