import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FilesTableConfig, options, tableConfigs } from "../../src/sources/files/options.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { newInbox } from "./files-harness.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await embeddedForTests();
});
afterAll(() => engine.stop());

type Row = Record<string, string | null>;

/** The options as a config file writes them. */
function naming(given: object): Partial<FilesTableConfig> {
  const config = options.parse({ path: "inbox/*", format: "csv", table: "rows", ...given });
  return tableConfigs(config).get("rows") ?? {};
}

describe("names of columns", () => {
  it("makes all names snake_case when one cannot be kept", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", 'Order,Paid on,"Total (EUR)",orderID,Größe,_id\n#7,2025-03-01,1.50,9,XL,4\n');
    expect(await inbox.take()).toMatchObject({ added: 1, rejected: 0 });
    expect(await inbox.bronze.rows<Row>()).toMatchObject([
      {
        order: "#7",
        paid_on: "2025-03-01",
        total_eur: "1.50",
        order_id: "9",
        grosse: "XL",
        _id: "4",
        _row: "1",
      },
    ]);
    expect((await inbox.table()).columns.map(({ name }) => name)).toEqual([
      "order",
      "paid_on",
      "total_eur",
      "order_id",
      "grosse",
      "_id",
      "_file",
      "_file_hash",
      "_row",
    ]);
  });

  it("keeps names that can be kept, and those of a table that began so", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "orderID,Größe\n1,XL\n");
    await inbox.take();
    inbox.put("inbox/b.csv", "orderID,Größe,Paid on\n2,L,2025-03-02\n");
    await inbox.take();
    inbox.put("inbox/c.csv", "Paid on,Größe\n2025-03-03,M\n");
    await inbox.take();
    expect(await inbox.bronze.rows<Row>()).toMatchObject(
      [
        { orderID: "1", Größe: "XL", paid_on: null },
        { orderID: "2", Größe: "L", paid_on: "2025-03-02" },
        { orderID: null, Größe: "M", paid_on: "2025-03-03" },
      ].sort((a, b) => ((a.orderID ?? "9") < (b.orderID ?? "9") ? -1 : 1)),
    );
  });

  it("follows what was decided though the later file could keep its names", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "Order ID,SKU\n1,a\n");
    await inbox.take();
    inbox.put("inbox/b.csv", "SKU,Note\nb,x\n");
    await inbox.take();
    const rows = await inbox.bronze.rows<Row>();
    expect(rows.map(({ order_id, sku, note }) => [order_id, sku, note])).toEqual([
      ["1", "a", null],
      [null, "b", "x"],
    ]);
  });

  it.each([
    ["id,ID\n1,2\n", '"id" and "ID" would both be ID (upper and lower case are the same).'],
    ["Unit Price,unit_price\n1,2\n", '"Unit Price" and "unit_price" would both be unit_price.'],
    ["Total (EUR),Total [EUR]\n1,2\n", '"Total (EUR)" and "Total [EUR]" would both be total_eur.'],
  ])("names both columns that would have one name: %j", async (csv, message) => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", csv);
    await expect(inbox.take()).rejects.toThrow(message);
    expect(await inbox.bronze.count()).toBe(0);
  });

  it("refuses only the file whose names collide", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "Item No,qty\n1,2\n");
    inbox.put("inbox/b.csv", "Item No,item_no\n3,4\n");
    await expect(inbox.take()).resolves.toMatchObject({ added: 1, rejected: 1 });
    inbox.put("inbox/c.csv", "item_no\n5\n");
    inbox.put("inbox/d.csv", "qty\n6\n");
    await expect(inbox.take()).resolves.toMatchObject({ added: 1, rejected: 1 });
    expect((await inbox.bronze.rows<Row>()).map(({ qty }) => qty)).toEqual(["2", "6"].sort());
  });

  it("takes a column under a second name when that is asked for", async () => {
    const inbox = newInbox(engine, naming({ rename: { "Item No": "item_no", item_no: "item_no" } }));
    inbox.put("inbox/a.csv", "Item No\n1\n");
    inbox.put("inbox/b.csv", "item_no\n2\n");
    expect(await inbox.take()).toMatchObject({ added: 2, rejected: 0 });
    expect((await inbox.bronze.rows<Row>()).map((row) => row["item_no"])).toEqual(["1", "2"]);
  });

  it("exchanges names without mixing up the values", async () => {
    const inbox = newInbox(engine, { ...naming({ rename: { a: "b", b: "c", c: "a" } }), format: "jsonl" });
    inbox.put("inbox/a.jsonl", '{"a": "was a", "b": "was b", "c": "was c"}\n');
    await inbox.take();
    expect(await inbox.bronze.rows()).toMatchObject([{ b: "was a", c: "was b", a: "was c" }]);
  });

  it("takes only the columns that are wanted, before their names are looked at", async () => {
    const given = naming({ include: ["id", "ID", "Name"], exclude: "ID", rename: { Name: "title" } });
    const inbox = newInbox(engine, given);
    inbox.put("inbox/a.csv", "id,ID,Name,other\n1,2,x,y\n");
    await inbox.take();
    const [row] = await inbox.bronze.rows<Row>();
    expect(Object.keys(row ?? {}).sort()).toEqual(["_file", "_file_hash", "_row", "id", "title"]);
    expect(row).toMatchObject({ id: "1", title: "x" });
  });

  it("refuses to change the name of a column that has rows", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "Paid on\n1\n");
    await inbox.take();
    const changed = newInbox(engine, naming({ rename: { "Paid on": "paid" } }));
    changed.put("inbox/b.csv", "Paid on\n2\n");
    const state = await inbox.bronze.state();
    const taken = await changed.bronze.take(
      { ...changed.source, read: (table, _, context) => changed.source.read(table, state, context) },
      await changed.table(),
    );
    expect(taken).toMatchObject({ rejected: 1 });
  });

  it("says all names that cannot be kept when they shall be kept", async () => {
    const inbox = newInbox(engine, naming({ names: "keep" }));
    inbox.put("inbox/a.csv", "Paid on,ok,a;b\n1,2,3\n");
    await expect(inbox.take()).rejects.toThrow(/"Paid on" cannot.*"a;b" cannot/);
  });

  it("gives reserved names a stand-in, and loses none of their values", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "_file,_ROW,_score,_row_number,__c1,__c0,_part\nf,r,s,n,one,zero,p\n");
    await inbox.take();
    expect(await inbox.bronze.rows()).toMatchObject([
      {
        source_file: "f",
        source_ROW: "r",
        _score: "s",
        source_row_number: "n",
        source__c1: "one",
        source__c0: "zero",
        source_part: "p",
        _file: "inbox/a.csv",
        _row: "1",
      },
    ]);
  });

  it.each(["csv", "jsonl", "json"] as const)(
    "takes names that every object has as data: %s",
    async (format) => {
      const names = ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"];
      const typed = naming({ types: { toString: "Int64" }, key: "constructor" });
      const inbox = newInbox(engine, { ...typed, format });
      const values = names.map((_, i) => String(i));
      const record = `{${names.map((name, i) => `"${name}": "${i}"`).join(", ")}}`;
      inbox.put(
        "inbox/a",
        format === "csv"
          ? `${names}\n${values}\n${names}\n`
          : format === "json"
            ? `[${record}]`
            : `${record}\n`,
      );
      expect(await inbox.take()).toMatchObject({ added: 1, rejected: format === "csv" ? 1 : 0 });
      const list = names.map((name) => `toString(\`${name}\`)`).join(", ");
      const { from } = await inbox.bronze.state();
      const [row] = await engine.engine.rows<{ found: string[] }>(`SELECT [${list}] AS found FROM ${from}`);
      expect(row?.found).toEqual(values);
    },
  );

  it("types, keys and cursors may name a column either way", async () => {
    for (const types of [{ "Unit Price": "Decimal(10, 2)" }, { unit_price: "Decimal(10, 2)" }]) {
      const inbox = newInbox(engine, naming({ types, key: "Order ID" }));
      inbox.put("inbox/a.csv", "Order ID,Unit Price\n1,1.50\n2,x\n");
      expect(await inbox.take()).toMatchObject({ added: 1, rejected: 1 });
      expect((await inbox.table()).key).toEqual(["order_id"]);
      expect(await inbox.bronze.rows()).toMatchObject([{ order_id: "1", unit_price: "1.5" }]);
    }
  });

  it("reads JSON keys and Parquet columns by their names in bronze", async () => {
    const json = newInbox(engine, { format: "jsonl" });
    json.put("inbox/a.jsonl", '{"Order ID": 1, "_row_number": 77}\n{"Order ID": 2, "Note (x)": "n"}\n');
    await json.take();
    expect(await json.bronze.rows()).toMatchObject([
      { order_id: "1", source_row_number: "77", note_x: null, _row: "1" },
      { order_id: "2", source_row_number: null, note_x: "n", _row: "2" },
    ]);
    const parquet = newInbox(engine, { format: "parquet" });
    await engine.engine.command(
      `INSERT INTO FUNCTION file('${parquet.dir}/inbox/a.parquet', 'Parquet') SELECT 5 AS \`Order ID\`, 'x' AS _file, 1.5 AS \`a.b\``,
    );
    await parquet.take();
    expect(await parquet.bronze.rows()).toMatchObject([
      { order_id: 5, source_file: "x", _file: "inbox/a.parquet", _row: "1" },
    ]);
  });

  it("any header: unique legal names, each with the values of its own column, the same for a second file", async () => {
    const part = fc.constantFrom(
      "a",
      "B",
      "é",
      "ß",
      " ",
      "_",
      "(",
      "%",
      "1",
      "商",
      "Id",
      ".",
      ";",
      "constructor",
      "`",
      "\\",
    );
    const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("").trim());
    const names = fc.uniqueArray(
      name.filter((text) => text !== ""),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(names, async (header) => {
        const inbox = newInbox(engine);
        const line = header.map((text) => `"${text}"`).join(",");
        inbox.put("inbox/a.csv", `${line}\n${header.map((_, i) => `v${i}`).join(",")}\n`);
        const first = await inbox.take().catch((error: Error) => error);
        if (first instanceof Error) {
          expect(first.message).toMatch(/would both be/);
          return;
        }
        const found = valuesOf(await inbox.bronze.rows<Row>());
        expect([...found.keys()].sort()).toEqual(header.map((_, i) => `v${i}`).sort());
        const given = [...found.values()];
        expect(new Set(given.map((each) => each.toLowerCase())).size).toBe(given.length);
        for (const each of given) expect(each).not.toMatch(/[ ,;{}()=\t\n]|^$/);
        const turned = header.toReversed();
        inbox.put("inbox/b.csv", `${turned.map((text) => `"${text}"`)}\n${turned.map((_, i) => `w${i}`)}\n`);
        expect(await inbox.take()).toMatchObject({ added: 1, rejected: 0 });
        const second = valuesOf(
          (await inbox.bronze.rows<Row>()).filter(({ _file }) => _file === "inbox/b.csv"),
        );
        header.forEach((_, i) => {
          expect(second.get(`w${header.length - 1 - i}`)).toBe(found.get(`v${i}`));
        });
      }),
      { numRuns: 40 },
    );
  });
});

/** Value -> name of its column, of a single row. */
function valuesOf([row]: readonly Row[]): Map<string, string> {
  const own = Object.entries(row ?? {}).filter(([name]) => !["_file", "_file_hash", "_row"].includes(name));
  return new Map(own.map(([name, value]) => [value ?? "", name]));
}
