import { readFileSync } from "node:fs";
import { join } from "node:path";
import iconv from "iconv-lite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { newInbox, zipOf } from "./files-harness.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await embeddedForTests();
});
afterAll(() => engine.stop());

type Row = Record<string, string | null>;

describe("packed files", () => {
  const members = { "a.csv": "id\n1\n", "sub/b.csv": "id,name\n2,two\n", "__MACOSX/x": "junk", "sub/": "" };

  it("reads the members of a zip", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/x.zip", zipOf(members));
    expect(await inbox.take()).toEqual({ added: 2, rejected: 0, extracts: 1 });
    expect(await inbox.bronze.rows()).toMatchObject([
      { id: "1", name: null, _file: "inbox/x.zip!a.csv", _row: "1" },
      { id: "2", name: "two", _file: "inbox/x.zip!sub/b.csv", _row: "1" },
    ]);
    expect(await inbox.take()).toMatchObject({ extracts: 0 });
  });

  it("replaces all members of a corrected zip", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/x.zip", zipOf(members));
    await inbox.take();
    inbox.put("inbox/x.zip", zipOf({ "b.csv": "id\n2\n3\nbad,record\n" }));
    expect(await inbox.take()).toMatchObject({ rejected: 1 });
    expect((await inbox.bronze.rows<Row>()).map(({ id, _file }) => [id, _file])).toEqual([
      ["2", "inbox/x.zip!b.csv"],
      ["3", "inbox/x.zip!b.csv"],
    ]);
  });

  it("refuses a broken zip", async () => {
    const inbox = newInbox(engine);
    const good = zipOf({ "a.csv": `id\n${"12345\n".repeat(1000)}` });
    inbox.put("inbox/cut.zip", good.subarray(0, good.length - 30));
    const wrong = Buffer.from(good);
    wrong.writeUInt32LE(1, wrong.indexOf("PK\x01\x02") + 16);
    inbox.put("inbox/sum.zip", wrong);
    expect(await inbox.take()).toEqual({ added: 0, rejected: 2, extracts: 1 });
  });

  it("reads zstd, bad records too, and refuses a truncated one", async () => {
    const inbox = newInbox(engine);
    const lines = Array.from({ length: 50_000 }, (_, i) => `${i},"line\n${Math.sin(i)}"`).join("\n");
    inbox.put("plain.csv", `id,text\n${lines}\n`);
    inbox.put("bad.csv", `id,text\n${lines}\nbad\n`);
    for (const name of ["plain", "bad"])
      await engine.engine.command(
        `INSERT INTO FUNCTION file('${join(inbox.dir, `inbox/${name}.csv.zst`)}', 'LineAsString') SELECT * FROM file('${join(inbox.dir, `${name}.csv`)}', 'LineAsString', 'l String') SETTINGS max_threads = 1`,
      );
    expect(await inbox.take()).toEqual({ added: 100_000, rejected: 1, extracts: 1 });
    const [row] = await inbox.bronze.rows<Row>();
    expect(row).toMatchObject({ id: "0", text: "line\n0" });
    const bytes = readFileSync(join(inbox.dir, "inbox/bad.csv.zst"));
    for (const [i, cut] of [1, 5, bytes.length / 2, bytes.length - 5].entries())
      inbox.put(`inbox/cut${i}.csv.zst`, bytes.subarray(0, bytes.length - cut));
    expect(await inbox.take()).toEqual({ added: 0, rejected: 4, extracts: 1 });
  });
});

describe("encodings", () => {
  const text = 'Größe,Preis\r\nÄrmel €,1\r\n"Zeile\r\nzwei",2\r\n';
  it.each(["latin1", "windows-1252", "utf-16le", "utf-16be"] as const)("%s", async (encoding) => {
    const content = encoding === "latin1" ? text.replace("€", "§") : text;
    const inbox = newInbox(engine, { encoding });
    inbox.put("inbox/plain.csv", iconv.encode(content, encoding, { addBOM: encoding.startsWith("utf") }));
    inbox.put("inbox/bare.csv", iconv.encode(`${content}x,3\r\n`, encoding));
    expect(await inbox.take()).toEqual({ added: 5, rejected: 0, extracts: 1 });
    expect((await inbox.bronze.rows<Row>()).filter(({ _file }) => _file === "inbox/plain.csv")).toMatchObject(
      [
        { Größe: "Zeile\r\nzwei", Preis: "2", _row: "2" },
        { Größe: encoding === "latin1" ? "Ärmel §" : "Ärmel €", Preis: "1", _row: "1" },
      ],
    );
    expect(inbox.bronze.warnings).toEqual([]);
  });

  it("says when characters are lost", async () => {
    const inbox = newInbox(engine, { encoding: "utf-16le" });
    inbox.put(
      "inbox/a.csv",
      Buffer.concat([iconv.encode("a\n", "utf-16le"), Buffer.from([0x00, 0xd8, 0x0a, 0])]),
    );
    await inbox.take();
    expect(inbox.bronze.warnings.at(-1)).toBe(
      "inbox/a.csv: 1 characters are not utf-16le; they became U+FFFD.",
    );
  });
});

describe("JSON", () => {
  const records = [
    '{"id": 12345678901234567890123, "price": 1.50, "ok": true, "tags": ["a", 2.0], "none": null}',
    '{"id": 18446744073709551615, "nested": {"x" : 1e3, "y": "é\\u00e9"}, "text": "a\\n\\"b\\""}',
    "{}",
    '{" spaced ": "x", "id": "7"}',
  ];
  const expected = [
    { id: "12345678901234567890123", price: "1.50", ok: "true", tags: '["a", 2.0]', none: null, _row: "1" },
    { id: "18446744073709551615", nested: '{"x" : 1e3, "y": "é\\u00e9"}', text: 'a\n"b"', _row: "2" },
    { id: null, _row: "3" },
    { id: "7", spaced: "x", _row: "4" },
  ];
  const byRow = (rows: Row[]) => rows.toSorted((a, b) => Number(a["_row"]) - Number(b["_row"]));

  it.each([
    ["jsonl", `${records.join("\n")}\n`],
    ["jsonl", `\ufeff${records.join("\r\n\r\n")}`],
    ["json", `[${records.join(",\n")}]`],
    ["json", ` [ ${records.join(" , ")} ]\n`],
  ] as const)("%s keeps digits and spelling", async (format, content) => {
    const inbox = newInbox(engine, { format });
    inbox.put("inbox/a.json", content);
    expect(await inbox.take()).toEqual({ added: 4, rejected: 0, extracts: 1 });
    expect(byRow(await inbox.bronze.rows<Row>())).toMatchObject(expected);
  });

  it("puts bad lines aside and keeps the numbers of the others", async () => {
    const inbox = newInbox(engine, { format: "jsonl" });
    const bad = ['{"id": 1', '{"id": 1, "id": 2}', "[1]", '{"id": "\\ud800"}', '{"id": 01}', '{"id": nope}'];
    inbox.put("inbox/a.jsonl", [records[0], ...bad, "", records[1], ...records.slice(2)].join("\n"));
    expect(await inbox.take()).toEqual({ added: 4, rejected: 6, extracts: 1 });
    expect(byRow(await inbox.bronze.rows<Row>())).toMatchObject(
      expected.map((row, i) => ({ ...row, _row: i === 0 ? "1" : String(i + 7) })),
    );
  });

  it("puts bad elements of an array aside", async () => {
    const inbox = newInbox(engine, { format: "json" });
    inbox.put("inbox/a.json", `[${records[0]}, {"id": 1, "id": 2}, {"id": 3}]`);
    expect(await inbox.take()).toEqual({ added: 2, rejected: 1, extracts: 1 });
    expect((await inbox.bronze.rows<Row>()).map(({ id, _row }) => [id, _row])).toEqual([
      ["12345678901234567890123", "1"],
      ["3", "3"],
    ]);
  });

  it("refuses an array that does not end", async () => {
    const inbox = newInbox(engine, { format: "json" });
    inbox.put("inbox/a.json", `[${records[0]}`);
    expect(await inbox.take()).toEqual({ added: 0, rejected: 1, extracts: 1 });
  });

  it("takes over keys that appear late", async () => {
    const inbox = newInbox(engine, { format: "jsonl" });
    inbox.put("inbox/a.jsonl", `${'{"a":1}\n'.repeat(20_000)}{"z":1}\n`);
    await inbox.take();
    expect((await inbox.bronze.state()).columns?.map(({ name }) => name).slice(0, 2)).toEqual(["a", "z"]);
  });
});

describe("Parquet", () => {
  const write = (path: string, select: string) =>
    engine.engine.command(`INSERT INTO FUNCTION file('${path}', 'Parquet') ${select}`, {
      settings: { output_format_parquet_row_group_size: 1000 },
    });

  it("keeps types and row numbers", async () => {
    const inbox = newInbox(engine, { format: "parquet" });
    await write(
      join(inbox.dir, "inbox/a.parquet"),
      "SELECT number AS n, toDecimal64(number, 2) AS price, toString(number) AS t, [number] AS list FROM numbers(200000)",
    );
    expect(await inbox.take()).toEqual({ added: 200_000, rejected: 0, extracts: 1 });
    const rows = await inbox.bronze.rows<Record<string, unknown>>();
    expect(rows.every((row) => Number(row["_row"]) === Number(row["n"]) + 1)).toBe(true);
    const types = Object.fromEntries((await inbox.table()).columns.map(({ name, type }) => [name, type]));
    expect(types).toEqual({
      n: "Nullable(UInt64)",
      price: "Nullable(Decimal(18, 2))",
      t: "Nullable(String)",
      list: "Array(UInt64)",
      _file: "String",
      _file_hash: "String",
      _row: "Int64",
    });
  });

  it("widens numbers, fills missing columns, refuses other types", async () => {
    const inbox = newInbox(engine, { format: "parquet" });
    await write(join(inbox.dir, "inbox/1.parquet"), "SELECT 1::Int32 AS a, 'x' AS b");
    await write(join(inbox.dir, "inbox/2.parquet"), "SELECT 5000000000::Int64 AS a, [1::Int32] AS list");
    await inbox.take();
    await write(join(inbox.dir, "inbox/3.parquet"), "SELECT 3::Int16 AS a");
    await inbox.take();
    expect(await inbox.bronze.rows()).toMatchObject([
      { a: "1", b: "x", list: [] },
      { a: "3", b: null, list: [] },
      { a: "5000000000", b: null, list: [1] },
    ]);
    await write(join(inbox.dir, "inbox/4.parquet"), "SELECT 'text' AS a");
    await expect(inbox.take()).rejects.toThrow(
      "Column a of inbox/4.parquet is String, but it was Int64 before.",
    );
  });

  it("refuses a file that is none", async () => {
    const inbox = newInbox(engine, { format: "parquet" });
    inbox.put("inbox/a.parquet", "PAR1 no");
    expect(await inbox.take()).toEqual({ added: 0, rejected: 1, extracts: 1 });
  });
});
