import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FilesTableConfig } from "../../src/sources/files/options.ts";
import type { RejectedInput } from "../../src/sources/source.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { testContext } from "./bronze.ts";
import { newInbox } from "./files-harness.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await embeddedForTests();
});
afterAll(() => engine.stop());

/** What one file becomes: `[_row, values...]` of its rows, and its rejects. */
async function load(name: string, bytes: string | Uint8Array, config: Partial<FilesTableConfig> = {}) {
  const inbox = newInbox(engine, config);
  inbox.put(`inbox/${name}`, bytes);
  const context = await testContext(engine.engine, inbox.dir, inbox.bronze.warnings);
  const rejected: RejectedInput[] = [];
  const rows: unknown[][] = [];
  let declared = 0;
  for await (const extract of inbox.source.read(await inbox.table(), await inbox.bronze.state(), context)) {
    rejected.push(...extract.rejected);
    declared += extract.rows ?? 0;
    const names = extract.columns.map(({ name }) => name).filter((column) => !/^_(file|row)/.test(column));
    const found = await engine.engine.rows<Record<string, unknown>>(
      `SELECT * FROM ${extract.from} ORDER BY _row`,
      { settings: extract.settings ?? {} },
    );
    rows.push(...found.map((row) => [Number(row["_row"]), ...names.map((column) => row[column])]));
    await extract.dispose();
  }
  expect(declared).toBe(rows.length);
  return { rows, rejected, inbox, short: rejected.map(({ sourceRef, rule, raw }) => [sourceRef, rule, raw]) };
}

describe("unreadable records of delimited files", () => {
  it("rejects too few and too many fields, keeps the rest with their numbers", async () => {
    const { rows, short, rejected } = await load("a.csv", "a,b\n1,2\n3\n4,5,6\n7,8,\n\n9,10\n");
    expect(rows).toEqual([
      [1, "1", "2"],
      [6, "9", "10"],
    ]);
    expect(short).toEqual([
      ["inbox/a.csv:3", "wrong_column_count", "3"],
      ["inbox/a.csv:4", "wrong_column_count", "4,5,6"],
      ["inbox/a.csv:5", "wrong_column_count", "7,8,"],
    ]);
    expect(rejected[1]?.reason).toBe("The record has 3 fields, the file has 2 columns.");
  });

  it("counts lines, not records, for the place, and records for _row", async () => {
    const { rows, short } = await load("a.csv", 'a,b\r\n1,"x\r\ny"\r\nbad\r\n2,z\r\n');
    expect(rows).toEqual([
      [1, "1", "x\r\ny"],
      [3, "2", "z"],
    ]);
    expect(short).toEqual([["inbox/a.csv:4", "wrong_column_count", "bad"]]);
  });

  it("gives up broken quoting at its line and goes on", async () => {
    const { rows, short } = await load("a.csv", 'a,b\n1,"x"y\n2,ok\n3,"open\n4,ok\n5,"fine"\n');
    expect(rows.map(([, id]) => id)).toEqual(["2", "4", "5"]);
    expect(short).toEqual([
      ["inbox/a.csv:2", "malformed_quotes", '1,"x"y'],
      ["inbox/a.csv:4", "malformed_quotes", '3,"open'],
    ]);
  });

  it("does not swallow the rest of the file into a field whose quote is never closed", async () => {
    const { rows, short } = await load("a.csv", 'a,b\n1,x\n2,"open\n3,y\n4,z\n');
    expect(rows.map(([, id]) => id)).toEqual(["1", "3", "4"]);
    expect(short).toEqual([["inbox/a.csv:3", "malformed_quotes", '2,"open']]);
  });

  it("accepts a last value with a line break and a closing quote", async () => {
    const { rows, short } = await load("a.csv", 'a,b\n1,"x\ny"');
    expect([rows, short]).toEqual([[[1, "1", "x\ny"]], []]);
  });

  it("keeps bytes that are not UTF-8 as base64", async () => {
    const bytes = Buffer.concat([
      Buffer.from("a,b\n1,x\n2,"),
      Buffer.from([0xff, 0xfe]),
      Buffer.from("\n3,z\n"),
    ]);
    const { rows, rejected } = await load("a.csv", bytes);
    expect(rows.map(([, id]) => id)).toEqual(["1", "3"]);
    expect(rejected).toEqual([
      {
        sourceRef: "inbox/a.csv:3",
        rule: "bad_encoding",
        reason: "The record holds bytes that are not UTF-8.",
        raw: Buffer.from([0x32, 0x2c, 0xff, 0xfe]).toString("base64"),
        rawEncoding: "base64",
      },
    ]);
  });

  it("finds the bad file among good ones", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/1.csv", "a,b\n1,2\n");
    inbox.put("inbox/2.csv", 'a,b\n1,2\nx,"y"z\n');
    inbox.put("inbox/3.csv", "a,b\n3,4\n");
    expect(await inbox.take()).toEqual({ added: 3, rejected: 1, extracts: 1 });
    inbox.put("inbox/4.csv", 'a,b\n7,8\nx,"y"z\n');
    expect(await inbox.take()).toEqual({ added: 1, rejected: 1, extracts: 1 });
  });

  it("fails above maxRejectedPercent", async () => {
    const inbox = newInbox(engine, { maxRejectedPercent: 20 });
    inbox.put("inbox/a.csv", "a,b\n1,2\n3\n4,5\n");
    await expect(inbox.take()).rejects.toThrow("1 of 3 records of inbox/a.csv cannot be read (33.3 %).");
    expect(await inbox.bronze.count()).toBe(0);
  });

  it("hints at UTF-16", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", Buffer.from("\ufeffa,b\n1,2\n", "utf16le"));
    await expect(inbox.take()).rejects.toMatchObject({
      details: { hint: expect.stringContaining("utf-16le") },
    });
  });
});

describe("the shapes of delimited files", () => {
  it.each([
    ["BOM", "\ufeffa,b\n1,2\n", {}, [[1, "1", "2"]]],
    ["BOM and quoted name", '\ufeff"a",b\n1,2\n', {}, [[1, "1", "2"]]],
    [
      "CRLF, no end",
      "a,b\r\n1,2\r\n3,4",
      {},
      [
        [1, "1", "2"],
        [2, "3", "4"],
      ],
    ],
    [
      "CR",
      "a,b\r1,2\r3,4\r",
      {},
      [
        [1, "1", "2"],
        [2, "3", "4"],
      ],
    ],
    [
      "text stays text",
      "a,b\n\\N,\nNULL,007\n",
      {},
      [
        [1, "\\N", ""],
        [2, "NULL", "007"],
      ],
    ],
    [
      "blanks",
      'a,b\n x , "y" \n\t,\n  ,"  "\n',
      {},
      [
        [1, " x ", ' "y" '],
        [2, "\t", ""],
        [3, "  ", "  "],
      ],
    ],
    ["quotes inside", 'a,b\n5" pipe,"5"" pipe"\n', {}, [[1, '5" pipe', '5" pipe']]],
    ["semicolon", "a;b\n1,5;2\n", { delimiter: ";" }, [[1, "1,5", "2"]]],
    ["pipe, single quotes", "a|b\n'x|''y'|\"\n", { delimiter: "|", quote: "'" }, [[1, "x|'y", '"']]],
    [
      "tab",
      'a\tb\n1,"\t"x\ty"\n\t\n',
      { format: "tsv", delimiter: "\t" },
      [
        [1, '1,"', "x\ty"],
        [2, "", ""],
      ],
    ],
    ["tab, CRLF", "a\tb\r\n1\t2\r\n", { format: "tsv", delimiter: "\t" }, [[1, "1", "2"]]],
    [
      "no header",
      "1,2\n3,4\n",
      { header: false, columns: ["x", "y"] },
      [
        [1, "1", "2"],
        [2, "3", "4"],
      ],
    ],
    ["no header, BOM", '\ufeff"1",2\n', { header: false, columns: ["x", "y"] }, [[1, "1", "2"]]],
    [
      "one column",
      'a\nx\n\n""\ny\n',
      {},
      [
        [1, "x"],
        [3, ""],
        [4, "y"],
      ],
    ],
    ["header with a line break", '"a\nb",c\n1,2\n', {}, [[1, "1", "2"]]],
  ] as [string, string, Partial<FilesTableConfig>, unknown[][]][])(
    "%s",
    async (_, content, config, expected) => {
      for (const bytes of [Buffer.from(content), gzipSync(content)]) {
        const { rows, short } = await load("a.csv", bytes, config);
        expect([rows, short]).toEqual([expected, []]);
      }
    },
  );

  it("the same through the slow path", async () => {
    const { rows, short } = await load("a.csv", "a;b\n' x;y';1\n;\n\\N;'it''s'\nbad\n3;'open", {
      delimiter: ";",
      quote: "'",
    });
    expect(rows).toEqual([
      [1, " x;y", "1"],
      [2, "", ""],
      [3, "\\N", "it's"],
      [5, "3", "open"],
    ]);
    expect(short).toEqual([["inbox/a.csv:5", "wrong_column_count", "bad"]]);
  });

  it("refuses a delimiter that the engine cannot use", () => {
    for (const delimiter of ["a", "1", '"', "§", "||", "\n"])
      expect(() => newInbox(engine, { delimiter })).toThrow("cannot be used");
  });
});

describe("broken archives", () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i},row ${Math.sin(i)}\n`).join("");
  const packed = gzipSync(`a,b\n${lines}`);

  it("refuses a truncated gzip, and reads it when it is complete", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/good.csv", "a,b\n1,2\n");
    for (const cut of [4, 1000, packed.length - 15]) {
      inbox.put("inbox/a.csv.gz", packed.subarray(0, packed.length - cut));
      expect((await inbox.take()).rejected).toBe(1);
      expect(await inbox.take()).toMatchObject({ extracts: 0 });
    }
    expect(await inbox.bronze.count()).toBe(1);
    inbox.put("inbox/a.csv.gz", packed);
    expect(await inbox.take()).toEqual({ added: 20_000, rejected: 0, extracts: 1 });
  });

  it("keeps the rows of the last good version of a file that arrives truncated", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv.gz", gzipSync("a,b\n1,2\n"));
    await inbox.take();
    inbox.put("inbox/a.csv.gz", packed.subarray(0, 50_000));
    expect(await inbox.take()).toEqual({ added: 0, rejected: 1, extracts: 1 });
    inbox.put("inbox/copy.csv.gz", gzipSync("a,b\n1,2\n"));
    await inbox.take();
    expect(await inbox.bronze.rows()).toMatchObject([{ a: "1", b: "2", _file: "inbox/a.csv.gz" }]);
  });

  it("says what is wrong with it", async () => {
    const damaged = Buffer.from(packed);
    damaged.fill(0, 20_000, 20_100);
    const cut = await load("a.csv.gz", packed.subarray(0, packed.length - 4));
    expect(cut.rejected).toEqual([
      {
        sourceRef: "inbox/a.csv.gz",
        rule: "truncated_archive",
        reason: "The file ends in the middle of its gzip stream.",
        raw: "",
      },
    ]);
    expect((await load("a.csv.gz", damaged)).rejected).toMatchObject([{ rule: "damaged_archive" }]);
  });

  it("reads a gzip of several members", async () => {
    const { rows } = await load("a.csv.gz", Buffer.concat([gzipSync("a,b\n1,2\n"), gzipSync("3,4\n")]));
    expect(rows.map(([, id]) => id)).toEqual(["1", "3"]);
  });
});
