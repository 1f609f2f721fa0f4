/** Every kind of table the lake writes. */

import type { StoreUnderTest } from "../stores.ts";
import { lakeOf, write } from "../tables.ts";
import { typeCases } from "../type-cases.ts";

const columns = [
  { name: "id", type: "UInt32" },
  { name: "day", type: "Date" },
  { name: "city", type: "LowCardinality(Nullable(String))" },
  { name: "amount", type: "Decimal(18, 4)" },
  { name: "at", type: "DateTime64(6, 'Europe/Berlin')" },
];
const rows = (from: number, count: number) => `SELECT toUInt32(number + ${from}) AS id,
  toDate('2026-01-30') + number AS day, [NULL, 'Köln', 'a/b %', 'x=y', ''][number % 5 + 1] AS city,
  toDecimal64(number, 4) / 8 - 1 AS amount, toDateTime64('2026-10-25 00:30:00.000001', 6, 'UTC') + number * 1800 AS at
  FROM numbers(${count})`;

/** Names of the tables. */
export async function makeTables(under: StoreUnderTest): Promise<string[]> {
  const lake = lakeOf(under);
  const append = { select: rows(0, 5), columns };
  await write(lake.table("silver.plain"), append);
  await write(lake.table("silver.empty"), { select: `${rows(0, 1)} WHERE 0`, columns });
  await write(lake.table("silver.by_day"), { ...append, partitionBy: "day" });
  await write(lake.table("silver.by_city"), { ...append, partitionBy: "city" });
  const byMonth = { columns, partitionBy: "toStartOfMonth(day)" };
  await write(lake.table("silver.by_month"), { ...byMonth, select: rows(0, 5) });
  await write(lake.table("silver.by_month"), {
    ...byMonth,
    select: rows(10, 2),
    remove: { partitions: ["2026-01-01"] },
    positions: { app: 7 },
    tags: { "input:a": "1" },
  });
  await evolved(under);
  await long(under);
  await changed(under);
  await allTypes(under);
  return ["plain", "empty", "by_day", "by_city", "by_month", "evolved", "long", "changed", "types"].map(
    (name) => `silver.${name}`,
  );
}

async function evolved(under: StoreUnderTest): Promise<void> {
  const table = lakeOf(under).table("silver.evolved");
  await write(table, {
    select: "SELECT toInt32(1) AS id, 'x' AS a",
    columns: named({ id: "Int32", a: "String" }),
  });
  await write(table, {
    select: "SELECT toInt32(2) AS id, NULL AS a, toUInt64(18446744073709551615) AS n, ['t'] AS tags",
    columns: named({ id: "Int32", a: "Nullable(String)", n: "UInt64", tags: "Array(String)" }),
    remove: "all",
  });
  await write(table, { select: "SELECT toInt32(3) AS id", columns: named({ id: "Int32" }), remove: "none" });
  await write(table, {
    select: "SELECT toInt32(4) AS id, 'y' AS a, 5::UInt64 AS n, ['u'] AS tags, toDate('2026-01-01') AS d",
    columns: named({ id: "Int32", a: "String", n: "UInt64", tags: "Array(String)", d: "Date" }),
    remove: "all",
  });
  await write(table, {
    select: "SELECT toInt32(5) AS id, 'z' AS a, 6::UInt64 AS n, ['v'] AS tags, 7.5 AS late",
    columns: named({ id: "Int32", a: "String", n: "UInt64", tags: "Array(String)", late: "Float64" }),
  });
}

/** Two checkpoints, and commits after the last one. */
async function long(under: StoreUnderTest): Promise<void> {
  const table = lakeOf(under).table("silver.long");
  for (let i = 0; i < 43; i++)
    await write(table, {
      select: rows(i * 2, 2),
      columns,
      partitionBy: "day",
      positions: { [`app${i % 2}`]: i },
      remove: i % 10 === 9 ? { partitions: ["2026-01-30"] } : "none",
    });
}

/** Compacted, restored, checkpointed. */
async function changed(under: StoreUnderTest): Promise<void> {
  const table = lakeOf(under).table("silver.changed");
  for (let i = 0; i < 5; i++) await write(table, { select: rows(i * 10, 3), columns });
  await table.compact({ taskId: "c" });
  await write(table, { select: rows(99, 1), columns, remove: "all" });
  await table.restore(4, "r");
  await table.checkpoint();
}

async function allTypes(under: StoreUnderTest): Promise<void> {
  const cases = typeCases.filter(({ type }) => !type.startsWith("Float") || type === "Float64");
  const row = (n: number) =>
    cases.map(({ type, values }, i) => `CAST(${values[n % values.length]} AS ${type}) AS c${i}`).join(", ");
  const select = Array.from({ length: 5 }, (_, n) => `SELECT toUInt32(${n}) AS id, ${row(n)}`).join(
    " UNION ALL ",
  );
  const typed = cases.map(({ type }, i) => ({ name: `c${i}`, type }));
  await write(lakeOf(under).table("silver.types"), {
    select,
    columns: [...named({ id: "UInt32" }), ...typed],
  });
}

function named(types: Readonly<Record<string, string>>): { name: string; type: string }[] {
  return Object.entries(types).map(([name, type]) => ({ name, type }));
}
