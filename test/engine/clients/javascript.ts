/** The official JavaScript client, called as its users do: the same checks as in the other languages. */
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { expect } from "vitest";

export const CHECKS: Readonly<Record<string, (client: ClickHouseClient) => Promise<void>>> = {
  async types(client) {
    const query =
      "SELECT toUInt64(18446744073709551615) AS big, toDecimal64('12.34', 2) AS money, toDate('2024-02-29') AS day, NULL AS none, ['a', 'é😀'] AS list";
    const settings = {
      output_format_json_quote_64bit_integers: 1,
      output_format_json_quote_decimals: 1,
    } as const;
    const { data } = await (await client.query({ query, clickhouse_settings: settings })).json();
    expect(data).toEqual([
      { big: "18446744073709551615", money: "12.34", day: "2024-02-29", none: null, list: ["a", "é😀"] },
    ]);
  },
  async parameters(client) {
    const s = "it's \\ \n\t {x} é";
    const result = await client.query({
      query: "SELECT {s:String} AS s, {n:Int32} AS n, {list:Array(String)} AS list",
      query_params: { s, n: -5, list: [s, "b"] },
      format: "JSONEachRow",
    });
    expect(await result.json()).toEqual([{ s, n: -5, list: [s, "b"] }]);
  },
  async insertAndRead(client) {
    await client.command({ query: "CREATE DATABASE IF NOT EXISTS clients" });
    await client.command({
      query:
        "CREATE OR REPLACE TABLE clients.javascript (id UInt64, name String) ENGINE = MergeTree ORDER BY id",
    });
    const values = Array.from({ length: 10_000 }, (_, id) => ({ id, name: `n${id}\t'` }));
    const inserted = await client.insert({ table: "clients.javascript", values, format: "JSONEachRow" });
    expect(inserted.summary?.written_rows).toBe("10000");
    const query =
      "SELECT count() AS n, countIf(name = concat('n', toString(id), '\\t\\'')) AS same FROM clients.javascript";
    expect(await (await client.query({ query, format: "JSONCompactEachRow" })).json()).toEqual([
      [10_000, 10_000],
    ]);
  },
  async stream(client) {
    const result = await client.query({ query: "SELECT number FROM numbers(300000)", format: "CSV" });
    let rows = 0;
    for await (const batch of result.stream()) rows += batch.length;
    expect(rows).toBe(300_000);
  },
  async error(client) {
    const failing = client.query({ query: "SELECT * FROM clients.nothing" });
    await expect(failing).rejects.toMatchObject({ code: "60", type: "UNKNOWN_TABLE" });
    expect((await client.ping()).success).toBe(true);
  },
  async session(client) {
    const session_id = "javascript";
    await client.command({ query: "CREATE OR REPLACE TEMPORARY TABLE picked (id UInt8)", session_id });
    await client.insert({
      table: "picked",
      values: [{ id: 1 }, { id: 2 }],
      format: "JSONEachRow",
      session_id,
    });
    const result = await client.query({
      query: "SELECT sum(id) AS s FROM picked",
      format: "JSONEachRow",
      session_id,
    });
    expect(await result.json()).toEqual([{ s: 3 }]);
  },
};

/** A client of the engine; `compressed`: gzip both ways. */
export function connect(url: string, token: string, compressed: boolean): ClickHouseClient {
  const compression = { request: compressed, response: compressed };
  return createClient({
    url,
    username: "default",
    password: token,
    compression,
    log: { level: ClickHouseLogLevel.OFF },
  });
}
