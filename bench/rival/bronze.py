"""Bronze: a full copy of the six tables of the shop as Parquet files, by dlt with the ConnectorX backend.

RIVAL_DIR=WORKDIR python bronze.py FROM_URL  ->  WORKDIR/bronze/shop/<table>/*.parquet

ConnectorX gives every numeric column as decimal(38, 10). Here each gets its type of the source back, which costs little and
saves the models the slow cast of such wide numbers. RIVAL_WIDE_DECIMALS=1 leaves them as they come.
"""

import os
import sys

import dlt
import pyarrow as pa
from dlt.destinations import filesystem
from dlt.sources.sql_database import sql_database

TABLES = ["order_items", "orders", "inventory_transactions", "customers", "products", "marketing_campaigns"]


def main(url: str, workdir: str, wide: bool) -> None:
    source = sql_database(
        url.replace("postgres://", "postgresql+psycopg://", 1),
        table_names=TABLES,
        backend="connectorx",
        backend_kwargs={"return_type": "arrow_stream"},
        chunk_size=100_000,
        reflection_level="full_with_precision",
    ).parallelize()
    if not wide:
        for resource in source.resources.values():
            resource.add_map(with_types(decimals_of(resource)))
    pipeline = dlt.pipeline(
        "shop",
        pipelines_dir=f"{workdir}/dlt",
        destination=filesystem(bucket_url=f"file://{workdir}/bronze"),
        dataset_name="shop",
    )
    pipeline.run(source, loader_file_format="parquet", write_disposition="replace").raise_on_failed_jobs()


def decimals_of(resource) -> dict[str, pa.DataType]:
    """Column -> its type, for the numeric columns of a table of the source."""
    numeric = {name: column for name, column in resource.columns.items() if column.get("data_type") == "decimal"}
    return {name: pa.decimal128(column["precision"], column["scale"]) for name, column in numeric.items()}


def with_types(types: dict[str, pa.DataType]):
    def cast(rows: pa.Table) -> pa.Table:
        return rows.cast(pa.schema([field.with_type(types.get(field.name, field.type)) for field in rows.schema]))

    return cast


main(sys.argv[1], os.environ["RIVAL_DIR"], os.environ.get("RIVAL_WIDE_DECIMALS") == "1")
