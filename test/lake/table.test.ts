/** Tables over both stores: what is written is what is read, and every commit is whole. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lake } from "../../src/lake/lake.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { type StoreUnderTest, storeKinds } from "./stores.ts";
import { idsOf, lakeOf, rowsOf, write } from "./tables.ts";

const columns = [
  { name: "id", type: "UInt64" },
  { name: "day", type: "Date" },
  { name: "note", type: "Nullable(String)" },
];
const rows = (from: number, count: number, day = "2026-01-01") =>
  `SELECT number + ${from} AS id, toDate('${day}') AS day, if(number % 2 = 0, NULL, 'n' || toString(number)) AS note FROM numbers(${count})`;
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

for (const { kind, available, open } of storeKinds)
  describe.skipIf(!available)(`table on ${kind}`, () => {
    let under: StoreUnderTest;
    let lake: Lake;
    beforeAll(async () => {
      under = await open();
      lake = lakeOf(under);
    });
    afterAll(() => under?.stop());
    const ids = (name: string) => idsOf(under.engine, lake.table(name));
    const keysBelow = async (prefix: string) => {
      const keys: string[] = [];
      for await (const { key } of under.store.list(prefix)) keys.push(key);
      return keys;
    };

    it("creates, appends, and keeps every version readable", async () => {
      const table = lake.table("bronze.append");
      expect(await table.snapshot()).toBeUndefined();
      const first = await write(table, { select: rows(0, 3), columns, positions: { "shop.orders": 7 } });
      const second = await write(table, {
        select: rows(3, 2),
        columns,
        positions: { "shop.orders": 9, b: 1 },
      });
      expect([first.version, second.version]).toEqual([0, 1]);
      expect(second.columns).toEqual(columns);
      expect([...second.positions]).toEqual([
        ["shop.orders", 9],
        ["b", 1],
      ]);
      expect(second.files.map((file) => file.rows)).toEqual([3, 2]);
      expect(await ids("bronze.append")).toEqual(range(0, 5));
      expect(await idsOf(under.engine, table, await table.snapshot(0))).toEqual(range(0, 3));
      expect([...((await table.snapshot(0))?.positions ?? [])]).toEqual([["shop.orders", 7]]);
      expect(await lake.datasets()).toContain("bronze.append");
    });

    it("shows staged rows to nobody, and leaves nothing when they are discarded", async () => {
      const table = lake.table("bronze.staged");
      await write(table, { select: rows(0, 1), columns });
      const before = await keysBelow("bronze/staged/");
      const staged = await table.stage({ select: rows(1, 5), columns, taskId: "task-7" });
      expect(staged.rows).toBe(5);
      expect(await ids("bronze.staged")).toEqual([0]);
      const fresh = (await keysBelow("bronze/staged/")).filter((key) => !before.includes(key));
      expect(fresh).toHaveLength(1);
      expect(fresh[0]).toMatch(/\/part-task-7-[0-9a-f]{12}\.parquet$/);
      await table.discard(staged);
      expect(await keysBelow("bronze/staged/")).toEqual(before);
    });

    it("leaves no file when staging fails in the middle", async () => {
      const table = lake.table("bronze.broken");
      const failing = `SELECT number AS id, toDate('2026-01-01') + number % 3 AS day, toString(throwIf(number = 900000, 'stop')) AS note FROM numbers(1000000)`;
      await expect(
        table.stage({ select: failing, columns, taskId: "t", partitionBy: "day" }),
      ).rejects.toThrow("stop");
      await expect(table.stage({ select: failing, columns, taskId: "t" })).rejects.toThrow("stop");
      expect(await keysBelow("bronze/broken/")).toEqual([]);
    });

    it("stages no file for no rows, and commits that", async () => {
      const table = lake.table("bronze.empty");
      for (const partitionBy of [undefined, "day"]) {
        const staged = await table.stage({
          select: `${rows(0, 1)} WHERE 0`,
          columns,
          taskId: "t",
          partitionBy,
        });
        expect(staged).toMatchObject({ rows: 0, files: [] });
      }
      expect(await keysBelow("bronze/empty/")).toEqual([]);
      const snapshot = await write(table, { select: `${rows(0, 1)} WHERE 0`, columns });
      expect(snapshot.columns).toEqual(columns);
      expect(await under.engine.rows(`SELECT count() AS n FROM ${table.read(snapshot)}`)).toEqual([
        { n: "0" },
      ]);
      const [described] = await under.engine.rows(`SELECT toTypeName(note) AS note, toTypeName(id) AS id
        FROM (SELECT 1 AS x) AS one LEFT JOIN ${table.read(snapshot)} AS t ON one.x = t.id`);
      expect(described).toEqual({ note: "Nullable(String)", id: "UInt64" });
    });

    it("replaces any number of partitions in one commit", async () => {
      const table = lake.table("silver.days");
      const days = ["2026-01-01", "2026-01-02", "2026-01-03"];
      const all = days.map((day, i) => rows(i * 10, 2, day)).join(" UNION ALL ");
      const first = await write(table, { select: all, columns, partitionBy: "day" });
      expect(first.files.map((file) => file.partition)).toEqual(days.map((day) => ({ day })));
      const next = await write(table, {
        select: `${rows(100, 1, "2026-01-01")} UNION ALL ${rows(101, 1, "2026-01-04")}`,
        columns,
        partitionBy: "day",
        remove: { partitions: ["2026-01-01", "2026-01-03", "2026-01-04", "2020-01-01"] },
      });
      expect(next.version).toBe(1);
      expect(await ids("silver.days")).toEqual([10, 11, 100, 101]);
      expect(await idsOf(under.engine, table, first)).toEqual([0, 1, 10, 11, 20, 21]);
      expect(
        next.files.map((file) => file.path).every((path) => /^day=\d{4}-\d\d-\d\d\/part-/.test(path)),
      ).toBe(true);
    });

    it("keeps partition values exactly: null, empty, slashes, percent signs, letters of any script", async () => {
      const table = lake.table("silver.odd_values");
      const values = [
        "a/b",
        "a%2Fb",
        "100 %",
        "ü ß 漢字",
        "'quoted' \"text\"",
        "{x,y}*?",
        "a=b&c",
        "..",
        "plain",
      ];
      const odd = [
        { name: "id", type: "UInt8" },
        { name: "p", type: "LowCardinality(Nullable(String))" },
      ];
      const list = values.map((value) => `'${value.replace(/'/g, "\\'")}'`).join(", ");
      const select = `SELECT toUInt8(number) AS id, [${list}, '', NULL][number + 1] AS p FROM numbers(${values.length + 2})`;
      const snapshot = await write(table, { select, columns: odd, partitionBy: "p" });
      expect(new Set(snapshot.files.map((file) => file.partition["p"]))).toEqual(new Set([...values, null]));
      const found = await under.engine.rows<{ p: string | null }>(
        `SELECT p FROM ${table.read(snapshot)} ORDER BY id`,
      );
      expect(found.map((row) => row.p)).toEqual([...values, "", null]);
      const next = await write(table, {
        select: `${select} WHERE 0`,
        columns: odd,
        partitionBy: "p",
        remove: { partitions: ["a/b", "{x,y}*?", null] },
      });
      expect(new Set(next.files.map((file) => file.partition["p"]))).toEqual(
        new Set(values.filter((value) => value !== "a/b" && value !== "{x,y}*?")),
      );
    });

    it("partitions by an expression and hides its column", async () => {
      const table = lake.table("silver.months");
      const partitionBy = "toStartOfMonth(day)";
      const select = `${rows(0, 2, "2026-01-31")} UNION ALL ${rows(2, 2, "2026-02-01")}`;
      const snapshot = await write(table, { select, columns, partitionBy });
      expect(snapshot.partitionBy).toBe(partitionBy);
      expect(snapshot.columns).toEqual(columns);
      expect(snapshot.files.map((file) => file.partition)).toEqual([
        { _part: "2026-01-01" },
        { _part: "2026-02-01" },
      ]);
      const [row] = await under.engine.rows(`SELECT * FROM ${table.read(snapshot)} ORDER BY id LIMIT 1`);
      expect(Object.keys(row ?? {})).toEqual(["id", "day", "note"]);
      await write(table, {
        select: rows(9, 1, "2026-01-05"),
        columns,
        partitionBy,
        remove: { partitions: ["2026-01-01"] },
      });
      expect(await ids("silver.months")).toEqual([2, 3, 9]);
      await expect(write(table, { select: rows(9, 1), columns, partitionBy: "day" })).rejects.toThrow(
        /partitioned by day/,
      );
    });

    it("writes more partitions than ClickHouse's insert limit of 100", async () => {
      const table = lake.table("silver.many_days");
      const select = `SELECT number AS id, toDate('2024-01-01') + number AS day, NULL AS note FROM numbers(400)`;
      const snapshot = await write(table, { select, columns, partitionBy: "day" });
      expect(snapshot.files).toHaveLength(400);
      expect(await ids("silver.many_days")).toEqual(range(0, 400));
    });

    it("overwrites, also with other columns and another partitioning; the old version stays", async () => {
      const table = lake.table("gold.overwrite");
      const first = await write(table, { select: rows(0, 4), columns });
      const other = [
        { name: "id", type: "String" },
        { name: "amount", type: "Decimal(12, 2)" },
      ];
      const next = await write(table, {
        select: "SELECT 'x' AS id, toDecimal32(1.25, 2) AS amount",
        columns: other,
        partitionBy: "id",
        remove: "all",
      });
      expect(next.columns).toEqual(other);
      expect(next.partitionBy).toBe("id");
      expect(await rowsOf(under.engine, table)).toEqual(['{"id":"x","amount":"1.25"}']);
      expect(await idsOf(under.engine, table, first)).toEqual(range(0, 4));
      expect(await idsOf(under.engine, table, await table.snapshot(0))).toEqual(range(0, 4));
    });

    it("adds columns and widens to Nullable; older rows read NULL", async () => {
      const table = lake.table("bronze.evolving");
      await write(table, { select: "SELECT toInt32(1) AS id", columns: [{ name: "id", type: "Int32" }] });
      const wider = [
        { name: "city", type: "LowCardinality(String)" },
        { name: "id", type: "Nullable(Int32)" },
        { name: "tags", type: "Array(String)" },
      ];
      const next = await write(table, {
        select: "SELECT 'B' AS city, NULL AS id, ['a'] AS tags",
        columns: wider,
      });
      expect(next.columns).toEqual([
        { name: "id", type: "Nullable(Int32)" },
        { name: "city", type: "LowCardinality(Nullable(String))" },
        { name: "tags", type: "Array(String)" },
      ]);
      await write(table, { select: "SELECT 'C' AS city, toInt32(3) AS id", columns: wider.slice(0, 2) });
      expect(await rowsOf(under.engine, table)).toEqual([
        '{"id":1,"city":null,"tags":[]}',
        '{"id":3,"city":"C","tags":[]}',
        '{"id":null,"city":"B","tags":["a"]}',
      ]);
    });

    it("makes a column Nullable when new rows lack it", async () => {
      const table = lake.table("bronze.shrinking");
      await write(table, { select: rows(0, 1), columns });
      const next = await write(table, {
        select: "SELECT toUInt64(1) AS id",
        columns: [{ name: "id", type: "UInt64" }],
      });
      expect(next.columns[1]).toEqual({ name: "day", type: "Nullable(Date)" });
      expect(await rowsOf(under.engine, table)).toEqual([
        '{"id":"0","day":"2026-01-01","note":null}',
        '{"id":"1","day":null,"note":null}',
      ]);
    });

    it("refuses a type that does not fit, naming column and what to do; nothing changes", async () => {
      const table = lake.table("bronze.misfit");
      await write(table, { select: rows(0, 1), columns });
      const wrong = [{ name: "id", type: "String" }];
      const error = await write(table, { select: "SELECT 'x' AS id", columns: wrong }).catch(
        (e: unknown) => e,
      );
      expect(error).toBeInstanceOf(ShoplakeError);
      expect(error).toMatchObject({ code: "lake", details: { where: "bronze.misfit, column id" } });
      expect((await table.snapshot())?.version).toBe(0);
    });

    it("widens columns and sets properties without rows", async () => {
      const table = lake.table("bronze.widened");
      const base = await write(table, { select: rows(0, 1), columns });
      const next = await table.commit({
        base,
        add: undefined,
        remove: "none",
        columns: [...columns, { name: "extra", type: "Int8" }],
        configuration: { "shop.owner": "anna" },
        info: {},
        taskId: "t",
      });
      expect(next.columns.at(-1)).toEqual({ name: "extra", type: "Nullable(Int8)" });
      expect(next.configuration).toEqual({ "shop.owner": "anna" });
      expect(await rowsOf(under.engine, table)).toEqual([
        '{"id":"0","day":"2026-01-01","note":null,"extra":null}',
      ]);
    });

    it("fails when a data file is missing, never reads less", async () => {
      const table = lake.table("silver.missing");
      for (let i = 0; i < 3; i++) await write(table, { select: rows(i, 1), columns });
      const snapshot = await table.snapshot();
      const gone = snapshot?.files[1];
      if (snapshot === undefined || gone === undefined) throw new Error("unreachable");
      await under.store.remove(`silver/missing/${gone.path}`);
      await expect(idsOf(under.engine, table)).rejects.toThrow(/missing|404|NoSuchKey/);
      const only = table.read(snapshot, { files: [gone] });
      await expect(under.engine.rows(`SELECT * FROM ${only}`)).rejects.toThrow();
      const others = table.read(snapshot, { files: snapshot.files.filter((file) => file !== gone) });
      expect(await under.engine.rows(`SELECT id FROM ${others} ORDER BY id`)).toEqual([
        { id: "0" },
        { id: "2" },
      ]);
    });

    it("reads chosen columns in the wanted order and names an unknown one", async () => {
      const table = lake.table("silver.chosen");
      const snapshot = await write(table, { select: rows(5, 1), columns });
      const read = table.read(snapshot, { columns: ["note", "id"] });
      expect(await under.engine.rows(`SELECT * FROM ${read}`)).toEqual([{ note: null, id: "5" }]);
      expect(() => table.read(snapshot, { columns: ["nope"] })).toThrow(/no column nope/);
    });

    it("keeps tags with files through checkpoints", async () => {
      const table = lake.table("silver.tagged");
      await write(table, { select: rows(0, 1), columns, tags: { "input:bronze.a": "41" } });
      await table.checkpoint();
      const other = await lakeOf(under).table("silver.tagged").snapshot();
      expect(other?.files[0]?.tags).toEqual({ "input:bronze.a": "41" });
      expect({ ...other, log: undefined }).toEqual({ ...(await table.snapshot()), log: undefined });
    });

    it("opens from checkpoints and shows the same as the whole log", async () => {
      const table = lake.table("bronze.long");
      for (let i = 0; i < 45; i++)
        await write(table, {
          select: rows(i, 1),
          columns,
          positions: { [`app${i % 3}`]: i },
          remove: i % 7 === 6 ? "all" : "none",
        });
      const snapshot = await table.snapshot();
      const log = await keysBelow("bronze/long/_delta_log/");
      expect(log.filter((key) => key.endsWith(".checkpoint.parquet"))).toHaveLength(2);
      const fresh = await lakeOf(under).table("bronze.long").snapshot();
      expect(fresh?.files).toEqual(snapshot?.files);
      expect([...(fresh?.positions ?? [])].sort()).toEqual([...(snapshot?.positions ?? [])].sort());
      expect(fresh?.columns).toEqual(columns);
      expect(await idsOf(under.engine, table)).toEqual([41, 42, 43, 44]);
      for (const key of log) if (/checkpoint/.test(key)) await under.store.remove(key);
      const plain = await lakeOf(under).table("bronze.long").snapshot();
      expect(plain?.files).toEqual(snapshot?.files);
      expect(log.some((key) => key.includes(".tmp"))).toBe(false);
    });

    it("survives a stale, torn or wrong _last_checkpoint", async () => {
      const table = lake.table("bronze.pointer");
      for (let i = 0; i < 25; i++) await write(table, { select: rows(i, 1), columns });
      const pointer = "bronze/pointer/_delta_log/_last_checkpoint";
      for (const text of ["", "{", '{"version":3,"size":1}', '{"version":99,"size":1}', "null"]) {
        await under.store.replace(pointer, Buffer.from(text));
        expect((await lakeOf(under).table("bronze.pointer").snapshot())?.files).toHaveLength(25);
      }
    });

    it("names a commit that is missing in the middle or damaged", async () => {
      const table = lake.table("bronze.gap");
      for (let i = 0; i < 4; i++) await write(table, { select: rows(i, 1), columns });
      const key = "bronze/gap/_delta_log/00000000000000000002.json";
      const bytes = await under.store.read(key);
      if (bytes === undefined) throw new Error("unreachable");
      await under.store.remove(key);
      await expect(lakeOf(under).table("bronze.gap").snapshot()).rejects.toThrow(/commit 2 .*missing/);
      await under.store.replace(key, bytes.subarray(0, bytes.length - 20));
      await expect(lakeOf(under).table("bronze.gap").snapshot()).rejects.toThrow(/damaged/);
      await under.store.replace(key, bytes);
      expect((await lakeOf(under).table("bronze.gap").snapshot())?.version).toBe(3);
    });

    it("does not write on top of a newest commit that was cut off", async () => {
      const table = lake.table("bronze.torn");
      await write(table, { select: rows(0, 1), columns });
      await write(table, { select: rows(1, 1), columns });
      const key = "bronze/torn/_delta_log/00000000000000000001.json";
      const text = Buffer.from((await under.store.read(key)) ?? []).toString();
      for (const cut of ["", text.slice(0, text.indexOf('{"commitInfo"'))]) {
        await under.store.replace(key, Buffer.from(cut));
        const other = lakeOf(under).table("bronze.torn");
        await expect(write(other, { select: rows(2, 1), columns })).rejects.toThrow(/no end.*power loss/);
      }
    });
  });
