import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clickHouseCode } from "../../src/engine/engine-error.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { embeddedForTests, type TestEngine } from "./harness.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
  await t.engine.command("CREATE DATABASE shop");
  await t.engine.command(
    "CREATE TABLE shop.orders (id UInt64, total Decimal(18, 2)) ENGINE = MergeTree ORDER BY id",
  );
});
afterAll(() => t.stop());

test("rows keep 64-bit integers, decimals and NaN is null", async () => {
  const sql =
    "SELECT 18446744073709551615 AS big, toDecimal64('0.10', 2) AS money, 0 / 0 AS ratio, toDate('2024-02-29') AS day";
  expect(await t.engine.rows(sql)).toEqual([
    { big: "18446744073709551615", money: "0.1", ratio: null, day: "2024-02-29" },
  ]);
});

test("insert, upload and INSERT SELECT tell the rows written", async () => {
  const { engine } = t;
  expect(
    (
      await engine.insert("shop.orders", [
        { id: 1n, total: "9.99" },
        { id: 2, total: "0.01" },
      ])
    ).writtenRows,
  ).toBe(2);
  const csv = Readable.from([Buffer.from("3,5.00\n"), Buffer.from("4,"), Buffer.from("1.5\n")]);
  expect((await engine.upload("INSERT INTO shop.orders FORMAT CSV", csv)).writtenRows).toBe(2);
  const select = "INSERT INTO shop.orders SELECT number + 10, 1 FROM numbers(5)";
  expect((await engine.command(select)).writtenRows).toBe(5);
  expect(await engine.rows("SELECT count() AS n, sum(total) AS total FROM shop.orders")).toEqual([
    { n: "9", total: "21.5" },
  ]);
});

test("parameters are bound, not spliced", async () => {
  const params = {
    s: "it's `\\n\n\t€ {x}",
    n: -5,
    list: ["a'b", "c"],
    none: null,
    day: new Date("2024-03-01T12:00:00Z"),
  };
  const sql =
    "SELECT {s:String} AS s, {n:Int32} AS n, {list:Array(String)} AS list, {none:Nullable(String)} AS none, {day:DateTime} AS day";
  expect(await t.engine.rows(sql, { params })).toEqual([
    { s: params.s, n: -5, list: ["a'b", "c"], none: null, day: "2024-03-01 12:00:00" },
  ]);
});

test("parameters of any length are sent", async () => {
  const list = Array.from({ length: 30_000 }, (_, i) => `file-${i}'\n.parquet`);
  const sql = "SELECT length({list:Array(String)}) AS n, {list:Array(String)}[-1] AS last";
  expect(await t.engine.rows(sql, { params: { list } })).toEqual([{ n: "30000", last: list.at(-1) }]);
});

test("a NULL for a column that takes none is an error, not a zero", async () => {
  await t.engine.command("CREATE TABLE shop.strict (id UInt64) ENGINE = MergeTree ORDER BY id");
  await expect(t.engine.command("INSERT INTO shop.strict SELECT NULL")).rejects.toThrow(/NULL/);
  const tsv = Readable.from([Buffer.from("\\N\n")]);
  await expect(t.engine.upload("INSERT INTO shop.strict FORMAT TSV", tsv)).rejects.toThrow();
  expect(await t.engine.rows("SELECT count() AS n FROM shop.strict")).toEqual([{ n: "0" }]);
});

test("any format comes out", async () => {
  const parquet = await buffer(await t.engine.download("SELECT number FROM numbers(3);", "Parquet"));
  expect(parquet.subarray(0, 4).toString()).toBe("PAR1");
  expect(await text(await t.engine.download("SELECT 1 AS a, 'x' AS b -- end", "CSVWithNames"))).toBe(
    '"a","b"\n1,"x"\n',
  );
  expect(await t.engine.rows("SHOW DATABASES LIKE 'shop'")).toEqual([{ name: "shop" }]);
  expect(await t.engine.rows("DESCRIBE (SELECT 1 AS a)")).toMatchObject([{ name: "a", type: "UInt8" }]);
});

test("an error carries ClickHouse's code and words", async () => {
  const error = await t.engine.rows("SELECT * FROM shop.nothing").catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ShoplakeError);
  expect(clickHouseCode(error)).toBe(60);
  expect(String(error)).toMatch(/shop\.nothing.*ClickHouse 60 UNKNOWN_TABLE/);
  await expect(t.engine.command("SELEC 1")).rejects.toThrow(/62 SYNTAX_ERROR/);
});

test("an error after the first rows is thrown, by rows and by download", async () => {
  const sql =
    "SELECT number, throwIf(number = 200000, 'too late') FROM numbers(400000) SETTINGS max_block_size = 1000";
  await expect(t.engine.rows(sql)).rejects.toThrow(/too late.*395/);
  await expect(t.engine.download(sql, "RowBinary").then(buffer)).rejects.toThrow(/too late/);
});

test("a session keeps temporary tables and settings", async () => {
  const session = { session: "s1" };
  await t.engine.command("CREATE TEMPORARY TABLE picked (id UInt8)", session);
  await t.engine.command("INSERT INTO picked VALUES (1), (2)", session);
  await t.engine.command("SET max_block_size = 77", session);
  const sql = "SELECT sum(id) AS ids, getSetting('max_block_size') AS size FROM picked";
  expect(await t.engine.rows(sql, session)).toEqual([{ ids: "3", size: 77 }]);
  await expect(t.engine.rows("SELECT * FROM picked", { session: "s2" })).rejects.toThrow(/UNKNOWN_TABLE/);
});

test("an aborted call stops the statement in the engine, and says why", async () => {
  const abort = new AbortController();
  const running = t.engine.command("SELECT sum(sleepEachRow(1)) FROM numbers(60)", {
    signal: abort.signal,
    queryId: "slow",
    settings: { max_block_size: 1, function_sleep_max_microseconds_per_block: 100_000_000 },
  });
  const isRunning = async () =>
    (await t.engine.rows("SELECT 1 FROM system.processes WHERE query_id = 'slow'")).length > 0;
  await expect.poll(isRunning, { timeout: 10_000 }).toBe(true);
  abort.abort(new ShoplakeError("interrupted", "enough"));
  await expect(running).rejects.toMatchObject({ code: "interrupted", message: "enough" });
  await expect.poll(isRunning, { timeout: 5000 }).toBe(false);
});

test("clients send one statement and touch no files by their own clauses", async () => {
  await expect(t.engine.command("SELECT 1; SELECT 2")).rejects.toThrow(/Multi-statements/);
  await expect(t.engine.command("SELECT 1 INTO OUTFILE '/tmp/x'")).rejects.toThrow(/OUTFILE/);
  await expect(
    t.engine.command("INSERT INTO shop.orders FROM INFILE '/etc/passwd' FORMAT CSV"),
  ).rejects.toThrow(/INFILE/);
});
