"""clickhouse-connect: python suite.py <host> <port> <token>"""

import datetime
import decimal
import sys

import clickhouse_connect
from clickhouse_connect.driver.exceptions import DatabaseError

host, port, token = sys.argv[1:4]


def types(client):
    sql = """SELECT toUInt64(18446744073709551615), toDecimal64('12.34', 2), toDate('2024-02-29'),
             toDateTime64('2024-01-01 00:00:00.123', 3, 'Europe/Berlin'), NULL, ['a', 'b'], (1, 'x'), 'é😀'"""
    row = client.query(sql).result_rows[0]
    berlin = row[3].astimezone(datetime.timezone.utc)
    assert row[:3] == (18446744073709551615, decimal.Decimal("12.34"), datetime.date(2024, 2, 29)), row
    assert berlin == datetime.datetime(2023, 12, 31, 23, 0, 0, 123000, datetime.timezone.utc), berlin
    assert row[4:] == (None, ["a", "b"], (1, "x"), "é😀"), row


def parameters(client):
    value = "it's \\ \n\t {x} é"
    sql = "SELECT {s:String}, {n:Int32}, {list:Array(String)}"
    row = client.query(sql, parameters={"s": value, "n": -5, "list": [value, "b"]}).result_rows[0]
    assert tuple(row) == (value, -5, [value, "b"]), row


def insert_and_read(client):
    client.command("CREATE OR REPLACE TABLE clients.python (id UInt64, name String, at DateTime, price Nullable(Decimal(18, 2))) ENGINE = MergeTree ORDER BY id")
    at = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
    rows = [(i, f"n{i}\t'", at, None if i % 3 else decimal.Decimal("0.01")) for i in range(10_000)]
    client.insert("clients.python", rows, column_names=["id", "name", "at", "price"])
    sql = "SELECT count(), sum(id), sum(price), countIf(name = concat('n', toString(id), '\\t\\'')), min(at) FROM clients.python"
    row = client.query(sql).result_rows[0]
    assert row[:4] == (10_000, 49_995_000, decimal.Decimal("33.34"), 10_000), row
    assert row[4].replace(tzinfo=datetime.timezone.utc) == at, row


def stream(client):
    total = 0
    with client.query_row_block_stream("SELECT number FROM numbers(1000000)") as blocks:
        for block in blocks:
            total += sum(row[0] for row in block)
    assert total == 499_999_500_000, total


def error(client):
    try:
        client.query("SELECT * FROM clients.nothing")
    except DatabaseError as failure:
        assert "UNKNOWN_TABLE" in str(failure), failure
    else:
        raise AssertionError("no error")
    assert client.command("SELECT 1") == 1


def session(client):
    client.command("CREATE TEMPORARY TABLE picked (id UInt8)")
    client.command("INSERT INTO picked VALUES (1), (2)")
    assert client.command("SELECT sum(id) FROM picked") == 3


def raw(client):
    assert client.raw_query("SELECT 1 AS a", fmt="JSONEachRow") == b'{"a":1}\n'
    assert client.raw_query("SELECT 1", fmt="Parquet")[:4] == b"PAR1"


failed = 0
for compress in [False, "lz4", "zstd", "gzip"]:
    client = clickhouse_connect.get_client(host=host, port=int(port), username="default", password=token, compress=compress)
    client.command("CREATE DATABASE IF NOT EXISTS clients")
    for check in [types, parameters, insert_and_read, stream, error, session, raw]:
        name = f"{check.__name__} compress={compress}"
        try:
            check(client)
            print("ok", name)
        except Exception as failure:
            failed = 1
            print(f"FAIL {name}: {failure!r}"[:500])
    client.close()
sys.exit(failed)
