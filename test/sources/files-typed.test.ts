/** Columns with declared types, and several tables in one source. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesSource } from "../../src/sources/files/source.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { testBronze, testContext } from "./bronze.ts";
import { csvConfig, newInbox } from "./files-harness.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

const types = {
  id: "Int64",
  price: "Nullable(Decimal(10, 2))",
  at: "DateTime64(6, 'UTC')",
  note: "Nullable(String)",
  name: "String",
};
const head = "id,price,at,note,name";
const good = "1,1.50,2026-06-30T12:00:00.123Z,,a";

describe("typed columns", () => {
  const typed = (format: "csv" | "jsonl" = "csv") =>
    newInbox(t, { types, key: ["id"], format, path: `inbox/*.${format}` });
  const rejects = async (inbox: ReturnType<typeof typed>) => {
    const found = [];
    const context = await testContext(t.engine, inbox.dir);
    for await (const extract of inbox.source.read(await inbox.table(), await inbox.bronze.state(), context)) {
      found.push(...extract.rejected);
      expect(extract.columns.slice(0, 5)).toEqual(
        Object.entries(types).map(([name, type]) => ({ name, type })),
      );
      await extract.dispose();
    }
    return found;
  };
  const loaded = { id: "1", price: "1.5", at: "2026-06-30 12:00:00.123000", note: null };

  it("come in as their type; empty text is NULL where that is allowed", async () => {
    const inbox = typed();
    inbox.put("inbox/a.csv", `${head}\n${good}\n2,,2026-06-30,x,\n`);
    expect(await inbox.take()).toEqual({ added: 2, rejected: 0, extracts: 1 });
    expect(await inbox.bronze.rows()).toMatchObject([
      { ...loaded, name: "a" },
      { id: "2", price: null, at: "2026-06-30 00:00:00.000000", note: "x", name: "" },
    ]);
  });

  it("are the same from JSON", async () => {
    const inbox = typed("jsonl");
    inbox.put(
      "inbox/a.jsonl",
      '{"id":1,"price":1.50,"at":"2026-06-30T12:00:00.123Z","note":null,"name":"a"}\n{"id":"two","name":"b"}\n',
    );
    expect(await inbox.take()).toEqual({ added: 1, rejected: 1, extracts: 1 });
    expect(await inbox.bronze.rows()).toMatchObject([{ ...loaded, name: "a" }]);
  });

  it("send what they cannot hold to quarantine, with line, key, reason and the whole record", async () => {
    const inbox = typed();
    inbox.put(
      "inbox/a.csv",
      `${head}\n${good}\n2,"12,5O",2026-06-30,,b\n3,1,soon,,c\n4,too,few\n,1,2026-06-30,,e\n`,
    );
    const found = await rejects(inbox);
    expect(found.map(({ sourceRef, rule, key }) => [sourceRef, rule, key])).toEqual([
      ["inbox/a.csv:5", "wrong_column_count", undefined],
      ["inbox/a.csv:2", "invalid_price", "id=2"],
      ["inbox/a.csv:3", "invalid_at", "id=3"],
      ["inbox/a.csv:5", "invalid_id", "id="],
    ]);
    expect(found[1]).toMatchObject({
      reason: "price: '12,5O' is not a Decimal(10, 2)",
      raw: '{"id":"2","price":"12,5O","at":"2026-06-30","note":"","name":"b"}',
    });
    expect(await inbox.take()).toEqual({ added: 1, rejected: 4, extracts: 1 });
  });

  it("may be missing where they are Nullable, in one file or in all; then a new column is text", async () => {
    const inbox = typed();
    inbox.put("inbox/a.csv", "id,at,name\n1,2026-06-30,a\n");
    await inbox.take();
    inbox.put("inbox/b.csv", `${head},batch\n${good.replace("1,", "2,")},x7\n`);
    expect(await inbox.take()).toMatchObject({ added: 1, rejected: 0 });
    expect(await inbox.bronze.rows()).toMatchObject([
      { id: "1", price: null, note: null, batch: null },
      { id: "2", price: "1.5", note: null, batch: "x7" },
    ]);
    expect((await inbox.table()).columns.find(({ name }) => name === "price")?.type).toBe(types.price);
  });

  it("stop the load of a file that lacks one which is never NULL, and name it", async () => {
    const inbox = typed();
    inbox.put("inbox/a.csv", `${head}\n${good}\n`);
    await inbox.take();
    inbox.put("inbox/b.csv", "id,price,moment,note,name\n2,1,2026-06-30,,b\n");
    await expect(inbox.take()).rejects.toMatchObject({
      message: "inbox/b.csv has no column at (DateTime64(6, 'UTC')).",
      details: { where: "inbox/b.csv", hint: expect.stringContaining("Nullable(...)") },
    });
    expect(await inbox.bronze.count()).toBe(1);
  });

  it("count as records that cannot be read", async () => {
    const inbox = newInbox(t, { types: { n: "Int32" }, maxRejectedPercent: 40 });
    inbox.put("inbox/a.csv", "n\n1\n2\nx\n");
    expect(await inbox.take()).toMatchObject({ added: 2, rejected: 1 });
    inbox.put("inbox/b.csv", "n\n1\nx\n");
    await expect(inbox.take()).rejects.toThrow("1 of 2 records of inbox/b.csv cannot be read (50.0 %).");
  });

  it("are cast in one statement for many files", async () => {
    const names = Array.from({ length: 18 }, (_, i) => `c${i}`);
    const inbox = newInbox(t, { types: Object.fromEntries(names.map((name) => [name, types.at])) });
    for (let file = 0; file < 64; file++) {
      const value = file === 7 ? "soon" : String(1_780_000_000 + file);
      inbox.put(`inbox/${file}.csv`, `${names.join(",")}\n${names.map(() => value).join(",")}\n`);
    }
    expect(await inbox.take()).toEqual({ added: 63, rejected: 1, extracts: 1 });
  });

  it("may have other types in other Parquet files", async () => {
    const inbox = newInbox(t, { types: { n: "Decimal(10, 2)", d: "Nullable(Date32)" }, format: "parquet" });
    const write = (file: string, select: string) =>
      t.engine.command(
        `INSERT INTO FUNCTION file('${join(inbox.dir, "inbox", file)}', 'Parquet') SELECT ${select}`,
      );
    await write("a.parquet", "toInt32(1) AS n, toDate32('2026-06-30') AS d");
    await write("b.parquet", "arrayJoin(['1.239', '2.5']) AS n, '2026-07-01' AS d");
    expect(await inbox.take()).toMatchObject({ added: 2, rejected: 1 });
    expect(await inbox.bronze.rows()).toMatchObject([
      { n: "1", d: "2026-06-30" },
      { n: "2.5", d: "2026-07-01" },
    ]);
  });

  it("keep the type that bronze has: another one is an error, another spelling is not", async () => {
    const inbox = newInbox(t, { types: { n: "Decimal(10, 2)" } });
    inbox.put("inbox/a.csv", "n\n1\n");
    await inbox.take();
    inbox.put("inbox/b.csv", "n\n2\n");
    const take = async (type: string) =>
      inbox.bronze.take(filesSource("feed", { ...csvConfig, types: { n: type } }), await inbox.table());
    await expect(take("Decimal(12, 4)")).rejects.toMatchObject({
      message: "Column n of inbox/b.csv is Decimal(12, 4), but it was Decimal(10, 2) before.",
      details: { hint: expect.stringContaining("`types`") },
    });
    expect(await take("Decimal(10,2)")).toMatchObject({ added: 1 });
    expect(await inbox.bronze.rows()).toMatchObject([{ n: "1" }, { n: "2" }]);
  });

  it("are told about when no file has them", async () => {
    const inbox = newInbox(t, { types: { pirce: "Nullable(Int32)" } });
    inbox.put("inbox/a.csv", "price\n1\n");
    await inbox.table();
    expect(inbox.bronze.warnings).toEqual(["inbox/*: no file has the column pirce of the source's options."]);
  });
});

it("several tables stand in one source, each in its own files", async () => {
  const inbox = newInbox(t);
  const { table: _table, key: _key, types: _types, ...shared } = csvConfig;
  const source = filesSource("shop", {
    ...shared,
    path: "inbox/{table}/*.csv",
    tables: {
      orders: { key: ["id"], types: { id: "Int64" } },
      items: { key: [], types: {} },
    },
  });
  inbox.put("inbox/orders/1.csv", "id\n1\nx\n");
  inbox.put("inbox/items/1.csv", "id\n1\n2\n");
  const tables = await source.tables(await testContext(t.engine, inbox.dir));
  expect(tables.map(({ name, key, columns }) => [name, key, columns[0]])).toEqual([
    ["orders", ["id"], { name: "id", type: "Int64" }],
    ["items", [], { name: "id", type: "Nullable(String)" }],
  ]);
  const taken = [];
  for (const table of tables) taken.push(await testBronze(t.engine, inbox.dir).take(source, table));
  expect(taken).toMatchObject([
    { added: 1, rejected: 1 },
    { added: 2, rejected: 0 },
  ]);
});
