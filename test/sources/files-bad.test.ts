/** A file or a record that cannot be used stops only itself: what lies beside it is taken as if it were alone. */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FilesTableConfig } from "../../src/sources/files/options.ts";
import type { RejectedInput } from "../../src/sources/source.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { testContext } from "./bronze.ts";
import { type Inbox, newInbox } from "./files-harness.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

type Row = Readonly<Record<string, unknown>>;

/** What the files of an inbox become, with the error that the source ends with. */
async function read(inbox: Inbox) {
  const context = await testContext(t.engine, inbox.dir, inbox.bronze.warnings);
  const rejected: RejectedInput[] = [];
  const rows: Row[] = [];
  const positions: string[] = [];
  let error: unknown;
  try {
    for await (const extract of inbox.source.read(await inbox.table(), await inbox.bronze.state(), context)) {
      rejected.push(...extract.rejected);
      positions.push(...Object.keys(extract.positions));
      rows.push(
        ...(await t.engine.rows<Row>(`SELECT * FROM ${extract.from} ORDER BY _file, _row`, {
          settings: extract.settings ?? {},
        })),
      );
      await extract.dispose();
    }
  } catch (thrown) {
    error = thrown;
  }
  return { rows, rejected, positions, error };
}

const places = (rejected: readonly RejectedInput[]) =>
  rejected.map(({ sourceRef, rule }) => [sourceRef, rule]);

describe("a file that cannot be used", () => {
  const other = "k,w\n8,b\n";
  it.each([
    ["a column without a name", "x.csv", "k,w,\n1,a,\n"],
    ["a repeated name", "x.csv", "k,w,k\n1,a,2\n"],
    ["a header that is not UTF-8", "x.csv", Buffer.from("k,\xfc\n1,2\n", "latin1")],
    ["a header with broken quotes", "x.csv", '"k"w,v\n1,2\n'],
    ["a damaged gzip header", "x.csv.gz", damaged(gzipSync(other.repeat(50)), 0, 0x25)],
    ["a damaged zip header", "x.zip", Buffer.from("504b05de06000000000000007524000000000000", "hex")],
    ["a packing that is not supported", "x.csv.bz2", Buffer.from("425a683931415926", "hex")],
    ["binary", "x.csv", Buffer.from([0, 1, 2, 3, 0, 0, 10, 65, 10])],
  ])("%s: one reject, the others are taken", async (_, name, bytes) => {
    const inbox = newInbox(t);
    inbox.put("inbox/a.csv", other);
    inbox.put(`inbox/${name}`, bytes);
    inbox.put("inbox/z.csv", "k,w\n9,c\n");
    const { rows, rejected, positions, error } = await read(inbox);
    expect(error).toBeUndefined();
    expect(rows).toMatchObject([
      { k: "8", w: "b" },
      { k: "9", w: "c" },
    ]);
    expect(places(rejected)).toEqual([[`inbox/${name}`, "unreadable_file"]]);
    expect(positions).toContain(`refused:inbox/${name}`);
  });

  it("a later one does not block those that come with it, and is not read again", async () => {
    const inbox = newInbox(t);
    inbox.put("inbox/a.csv", other);
    await inbox.take();
    inbox.put("inbox/bad.csv", "k,w,\n1,a,\n");
    inbox.put("inbox/c.csv", "k,w\n9,c\n");
    expect(await inbox.take()).toEqual({ added: 1, rejected: 1, extracts: 1 });
    expect(await inbox.take()).toMatchObject({ extracts: 0 });
  });

  it("alone fails the task, after its reject, until a file can be used", async () => {
    const inbox = newInbox(t);
    inbox.put("inbox/bad.csv", "k,,w\n1,a,2\n");
    for (let run = 0; run < 2; run++) {
      const { rejected, positions, error } = await read(inbox);
      expect(error).toMatchObject({ code: "source", message: "Column 2 of inbox/bad.csv has no name." });
      expect(places(rejected)).toEqual([["inbox/bad.csv", "unreadable_file"]]);
      expect(positions).toEqual([]);
    }
    inbox.put("inbox/c.csv", other);
    expect(await inbox.take()).toEqual({ added: 1, rejected: 1, extracts: 1 });
  });

  it("of line breaks only has no record and is nothing", async () => {
    const inbox = newInbox(t);
    inbox.put("inbox/a.csv", other);
    inbox.put("inbox/blank.csv", "\r\n\n\n");
    expect(await inbox.take()).toEqual({ added: 1, rejected: 0, extracts: 1 });
  });

  it("lacks a declared column, or has one of another type: the others are taken", async () => {
    const typed = newInbox(t, { types: { w: "Int32" } });
    typed.put("inbox/a.csv", "k,w\n1,2\n");
    typed.put("inbox/b.csv", "k\n3\n");
    const lacking = await read(typed);
    expect([lacking.error, lacking.rows.length, lacking.rejected.length]).toEqual([undefined, 1, 1]);
    const parquet = newInbox(t, { format: "parquet" });
    const write = (name: string, select: string) =>
      t.engine.command(
        `INSERT INTO FUNCTION file('${join(parquet.dir, "inbox", name)}', 'Parquet') SELECT ${select}`,
      );
    await write("a.parquet", "1::Int64 AS n");
    await write("b.parquet", "'x' AS n");
    await write("c.parquet", "2::Int32 AS n");
    const { rows, rejected } = await read(parquet);
    expect(rows.map(({ n }) => n)).toEqual(["1", "2"]);
    expect(rejected).toMatchObject([
      { sourceRef: "inbox/b.parquet", reason: expect.stringContaining("Column n of inbox/b.parquet is") },
    ]);
  });

  it("Parquet whose values cannot be read: the others are taken", async () => {
    const inbox = newInbox(t, { format: "parquet" });
    const path = (name: string) => join(inbox.dir, "inbox", name);
    for (const name of ["a.parquet", "b.parquet"])
      await t.engine.command(
        `INSERT INTO FUNCTION file('${path(name)}', 'Parquet') SELECT number AS n, toString(number) AS s FROM numbers(1000)`,
      );
    const { readFileSync } = await import("node:fs");
    inbox.put("inbox/a.parquet", readFileSync(path("a.parquet")).fill(0xee, 60, 400));
    const { rows, rejected, error } = await read(inbox);
    expect(error).toBeUndefined();
    expect(rows).toHaveLength(1000);
    expect(places(rejected)).toEqual([["inbox/a.parquet", "unreadable_file"]]);
  });
});

describe("a record that cannot be used", () => {
  const load = async (format: FilesTableConfig["format"], name: string, bytes: string | Uint8Array) => {
    const inbox = newInbox(t, { format });
    inbox.put(`inbox/${name}`, bytes);
    inbox.put(`inbox/other.${format}`, format === "json" ? '[{"id":77}]' : '{"id":77}\n');
    const { rows, rejected, error } = await read(inbox);
    expect(error).toBeUndefined();
    return { ids: rows.map(({ id }) => id), rejected };
  };

  it("broken JSON with a character outside of the basic plane has a reason that can be written", async () => {
    const lines = await load("jsonl", "1.jsonl", '{"id":5}\n{"id":\u{1f600}}\n{"id":6}\n');
    expect(lines.ids).toEqual(["5", "6", "77"]);
    expect(places(lines.rejected)).toEqual([["inbox/1.jsonl:2", "malformed_json"]]);
    const array = await load("json", "1.json", '[{"id":5},{"id":\u{1f680}}]');
    expect(array.ids).toEqual(["77"]);
    expect(places(array.rejected)).toEqual([["inbox/1.json", "unreadable_file"]]);
    for (const { reason } of [...lines.rejected, ...array.rejected])
      expect(reason).not.toMatch(/\p{Surrogate}/u);
  });

  it.each(["7", "null", '"x, ]"', "[1, {}]", '{"id":1,"id":2}', '{"":1}', '{" id":3}'])(
    "the element %s of an array is one reject",
    async (element) => {
      const { ids, rejected } = await load("json", "1.json", `[{"id":1}, {"id":"2]"},${element} ,{"id":4}]`);
      expect(ids).toEqual(["1", "2]", "4", "77"]);
      expect(places(rejected)).toEqual([["inbox/1.json:3", "malformed_json"]]);
      const lines = await load("jsonl", "1.jsonl", `{"id":1}\n${element}\n{"id":4}\n`);
      expect(lines.ids).toEqual(["1", "4", "77"]);
      expect(places(lines.rejected)).toEqual([["inbox/1.jsonl:2", "malformed_json"]]);
    },
  );

  it("objects one after the other are read alike with and without a bad one", async () => {
    expect((await load("json", "1.json", '{"id":1}\n{"id":2}\n')).ids).toEqual(["1", "2", "77"]);
    const { ids, rejected } = await load("json", "1.json", '{"id":1}\n{"id":2,"id":3}\n{"id":4}\n');
    expect([ids, places(rejected)]).toEqual([["1", "4", "77"], [["inbox/1.json:2", "malformed_json"]]]);
  });

  it("a record longer than what is read at once is one reject with its beginning", async () => {
    const inbox = newInbox(t);
    const long = "y".repeat(40 << 20);
    inbox.put("inbox/a.csv.gz", gzipSync(`id,a\r\n0,x\r\n1,${long}\r\n2,z\r\n`, { level: 1 }));
    inbox.put("inbox/b.csv", "id,a\n3,b\n");
    const { rows, rejected } = await read(inbox);
    expect(rows.map(({ id, _row }) => [id, _row])).toEqual([
      ["0", "1"],
      ["2", "3"],
      ["3", "1"],
    ]);
    expect(places(rejected)).toEqual([["inbox/a.csv.gz:3", "record_too_long"]]);
    expect(rejected[0]?.raw).toHaveLength(64 << 10);
  });
});

function damaged(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(value, at);
  return copy;
}
