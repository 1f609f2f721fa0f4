"""Publish: the six gold tables into PostgreSQL with their keys, by the binary COPY of DuckDB's postgres extension.

RIVAL_DIR=WORKDIR RIVAL_EXTENSION=FILE python publish.py TO_URL

Each table is replaced in a transaction of its own; the foreign keys follow when all are there.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import duckdb

# The largest first.
KEYS = {
    "fact_customer_orders": ["PRIMARY KEY (order_id)"],
    "dim_customers": ["PRIMARY KEY (customer_key)", "UNIQUE (customer_id)"],
    "dim_products": ["PRIMARY KEY (product_key)", "UNIQUE (product_id)"],
    "agg_inventory_status": ["PRIMARY KEY (product_id)"],
    "fact_daily_sales": ["PRIMARY KEY (sales_date, category, currency)"],
    "agg_campaign_performance": ["PRIMARY KEY (campaign_id)"],
}
FOREIGN_KEYS = {
    "fact_customer_orders": "(customer_key) REFERENCES dim_customers",
    "agg_inventory_status": "(product_id) REFERENCES dim_products (product_id)",
}


def main(url: str, workdir: str, extension: str) -> None:
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    db.execute(f"ATTACH '{workdir}/shop.duckdb' AS shop (READ_ONLY)")
    db.load_extension(extension)
    db.execute(f"ATTACH '{url}' AS target (TYPE postgres)")
    for table in FOREIGN_KEYS:
        in_postgres(db, f"ALTER TABLE IF EXISTS {table} DROP CONSTRAINT IF EXISTS {table}_fkey")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda table: replace(db.cursor(), table), KEYS))
    for table, key in FOREIGN_KEYS.items():
        in_postgres(db, f"ALTER TABLE {table} ADD CONSTRAINT {table}_fkey FOREIGN KEY {key}")


def replace(db: duckdb.DuckDBPyConnection, table: str) -> None:
    db.begin()
    db.execute(f"DROP TABLE IF EXISTS target.public.{table}")
    db.execute(f"CREATE TABLE target.public.{table} AS FROM shop.gold.{table}")
    for key in KEYS[table]:
        in_postgres(db, f"ALTER TABLE {table} ADD {key}")
    db.commit()


def in_postgres(db: duckdb.DuckDBPyConnection, statement: str) -> None:
    db.execute("CALL postgres_execute('target', ?)", [statement])


main(sys.argv[1], os.environ["RIVAL_DIR"], os.environ["RIVAL_EXTENSION"])
