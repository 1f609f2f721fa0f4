import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesSource } from "../../src/sources/files/source.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { testContext } from "./bronze.ts";
import { sourceConformance } from "./conformance.ts";
import { csvConfig, newInbox } from "./files-harness.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await embeddedForTests();
});
afterAll(() => engine.stop());

sourceConformance("files", () => ({
  engine: engine.engine,
  dir: engine.dir,
  subject: async () => {
    const folder = join(engine.dir, `subject-${crypto.randomUUID()}`);
    mkdirSync(folder);
    let files = 0;
    return {
      open: () => filesSource("feed", { ...csvConfig, path: join(folder, "*.csv") }),
      add: async (rows) =>
        writeFileSync(
          join(folder, `${files++}.csv`),
          `id,name\n${rows.map(({ id, name }) => `${id},${name}\n`).join("")}`,
        ),
      clear: async () => rmSync(folder, { recursive: true }),
    };
  },
}));

describe("each content once", () => {
  it("adds file, hash and number to every row", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "id,name\n1,one\n2,two\n");
    expect(await inbox.take()).toEqual({ added: 2, rejected: 0, extracts: 1 });
    expect(await inbox.bronze.rows()).toEqual([
      { id: "1", name: "one", _file: "inbox/a.csv", _file_hash: "7c1329fc542fa4a0", _row: "1" },
      { id: "2", name: "two", _file: "inbox/a.csv", _file_hash: "7c1329fc542fa4a0", _row: "2" },
    ]);
    expect((await inbox.bronze.state()).positions).toEqual(
      new Map([["file:inbox/a.csv", Number(0x7c1329fc542fa4n >> 3n)]]),
    );
  });

  it("skips a content that came before under another name, and says so once", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "id\n1\n");
    await inbox.take();
    inbox.put("inbox/again.csv", "id\n1\n");
    expect(await inbox.take()).toEqual({ added: 0, rejected: 0, extracts: 1 });
    expect(await inbox.take()).toEqual({ added: 0, rejected: 0, extracts: 0 });
    expect(inbox.bronze.warnings).toEqual([
      "inbox/again.csv has the same content as inbox/a.csv, which was taken already: skipped.",
    ]);
  });

  it("takes one of two equal files that arrive together", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/b.csv", "id\n1\n");
    inbox.put("inbox/a.csv", "id\n1\n");
    expect((await inbox.take()).added).toBe(1);
    expect(await inbox.bronze.rows()).toMatchObject([{ _file: "inbox/a.csv" }]);
  });

  it("replaces the rows of a corrected file", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "id\n1\n2\n");
    inbox.put("inbox/b.csv", "id\n3\n");
    await inbox.take();
    inbox.put("inbox/a.csv", "id\n1\n22\n23\n");
    await inbox.take();
    const ids = (await inbox.bronze.rows<{ id: string }>()).map(({ id }) => id);
    expect(ids).toEqual(["1", "22", "23", "3"]);
  });

  it("takes the copy when the file it was a copy of is corrected", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "id\n1\n");
    inbox.put("inbox/copy.csv", "id\n1\n");
    await inbox.take();
    inbox.put("inbox/a.csv", "id\n2\n");
    await inbox.take();
    expect(await inbox.bronze.rows()).toMatchObject([
      { id: "1", _file: "inbox/copy.csv" },
      { id: "2", _file: "inbox/a.csv" },
    ]);
  });

  it("removes the rows of a file whose new content stands there under another name", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "id\n1\n");
    inbox.put("inbox/b.csv", "id\n2\n");
    await inbox.take();
    inbox.put("inbox/b.csv", "id\n1\n");
    await inbox.take();
    expect(await inbox.bronze.rows()).toMatchObject([{ id: "1", _file: "inbox/a.csv" }]);
    expect(await inbox.take()).toMatchObject({ extracts: 0 });
  });

  it("keeps the rows of a file that was removed", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "id\n1\n");
    await inbox.take();
    rmSync(join(inbox.dir, "inbox/a.csv"));
    expect(await inbox.take()).toMatchObject({ extracts: 0 });
    expect(await inbox.bronze.count()).toBe(1);
  });

  it("records empty files and files with a header only", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/empty.csv", "");
    inbox.put("inbox/empty2.csv", "");
    inbox.put("inbox/header.csv", "id,name\n");
    inbox.put("inbox/nothing.csv.gz", gzipSync(""));
    expect(await inbox.take()).toEqual({ added: 0, rejected: 0, extracts: 1 });
    expect(await inbox.take()).toEqual({ added: 0, rejected: 0, extracts: 0 });
    expect((await inbox.bronze.state()).columns?.map(({ name }) => name)).toEqual([
      "id",
      "name",
      "_file",
      "_file_hash",
      "_row",
    ]);
    expect(inbox.bronze.warnings).toEqual([]);
  });

  it("takes many small files in a few extracts", async () => {
    const inbox = newInbox(engine);
    for (let i = 0; i < 150; i++) inbox.put(`inbox/${i}.csv`, `id\n${i}\n`);
    expect(await inbox.take()).toEqual({ added: 150, rejected: 0, extracts: 3 });
  });
});

describe("columns", () => {
  it("finds reordered columns by name, adds new ones, leaves missing ones NULL", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/1.csv", "id,name\n1,one\n");
    inbox.put("inbox/2.csv", "name,id\ntwo,2\n");
    inbox.put("inbox/3.csv", "id, price \n3,\n");
    const names = ["id", "name", "price", "_file", "_file_hash", "_row"];
    expect((await inbox.table()).columns.map(({ name }) => name)).toEqual(names);
    await inbox.take();
    expect(await inbox.bronze.rows()).toMatchObject([
      { id: "1", name: "one", price: null },
      { id: "2", name: "two", price: null },
      { id: "3", name: null, price: "" },
    ]);
  });

  it("ignores new columns with a warning when frozen", async () => {
    const inbox = newInbox(engine, { schemaPolicy: "freeze" });
    inbox.put("inbox/1.csv", "id,name\n1,one\n");
    await inbox.take();
    inbox.put("inbox/2.csv", "id,more\n2,x\n");
    await inbox.take();
    expect((await inbox.bronze.rows()).map((row) => Object.keys(row as object))).toEqual(
      Array(2).fill(["id", "name", "_file", "_file_hash", "_row"]),
    );
    expect(inbox.bronze.warnings).toEqual([
      "inbox/2.csv: new columns more are ignored (schemaPolicy: freeze).",
    ]);
  });

  it("stops and takes nothing when columns must not change", async () => {
    const inbox = newInbox(engine, { schemaPolicy: "fail" });
    inbox.put("inbox/1.csv", "id,name\n1,one\n");
    await inbox.take();
    inbox.put("inbox/2.csv", "id,more\n2,x\n");
    await expect(inbox.take()).rejects.toThrow(
      "The columns of inbox/2.csv have changed (new: more; missing: name).",
    );
    expect(await inbox.bronze.count()).toBe(1);
  });

  it.each([
    ["a,b,a\n1,2,3\n", 'more than one column named "a"'],
    ["a,,b\n1,2,3\n", "Column 2 of inbox/x.csv has no name."],
    ["a,\xff\n", "is not UTF-8"],
  ])("refuses the header %j", async (content, message) => {
    const inbox = newInbox(engine);
    inbox.put("inbox/x.csv", Buffer.from(content, "latin1"));
    await expect(inbox.take()).rejects.toThrow(message);
  });

  it("keeps names that mean something to SQL", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/x.csv", "c1,`x`,O'Hara\\,Groß,a.b,_path,_id\n1,2,3,4,5,6,7\n");
    await inbox.take();
    expect(await inbox.bronze.rows()).toMatchObject([
      { c1: "1", "`x`": "2", "O'Hara\\": "3", Groß: "4", "a.b": "5", _path: "6", _id: "7" },
    ]);
  });
});

describe("the folder", () => {
  it("matches wildcards, skips hidden files, folders and dead links, follows links to files", async () => {
    const inbox = newInbox(engine, { path: "inbox/**/[a-b]*.{csv,txt}" });
    inbox.put("inbox/a.csv", "id\n1\n");
    inbox.put("inbox/2024/01/b.txt", "id\n2\n");
    inbox.put("inbox/c.csv", "id\n3\n");
    inbox.put("inbox/.a.csv", "id\n4\n");
    inbox.put("inbox/.hidden/a.csv", "id\n5\n");
    inbox.put("inbox/a.csv.tmp", "id\n6\n");
    inbox.put("elsewhere/7.csv", "id\n7\n");
    mkdirSync(join(inbox.dir, "inbox/a-folder.csv"));
    symlinkSync("../elsewhere/7.csv", join(inbox.dir, "inbox/a-link.csv"));
    symlinkSync("nowhere.csv", join(inbox.dir, "inbox/a-dead.csv"));
    symlinkSync("..", join(inbox.dir, "inbox/b-loop.csv"));
    await inbox.take();
    const rows = await inbox.bronze.rows<{ id: string; _file: string }>();
    expect(rows.map(({ id, _file }) => [id, _file])).toEqual([
      ["1", "inbox/a.csv"],
      ["2", "inbox/2024/01/b.txt"],
      ["7", "inbox/a-link.csv"],
    ]);
  });

  it("reads files whose names have characters that mean something to the engine", async () => {
    const inbox = newInbox(engine);
    const names = [
      "a*b.csv",
      "{x,y}.csv",
      "what?.csv",
      "it's.csv",
      "a::b.csv",
      "ü %20 ñ.csv",
      "back\\slash.csv",
    ];
    for (const [i, name] of names.entries()) inbox.put(`inbox/${name}`, `id\n${i}\n`);
    await inbox.take();
    const rows = await inbox.bronze.rows<{ id: string; _file: string }>();
    expect(rows.map(({ _file }) => _file)).toEqual(names.map((name) => `inbox/${name}`));
  });

  it("names a folder that is not there", async () => {
    const inbox = newInbox(engine, { path: "nowhere/*.csv" });
    await expect(inbox.take()).rejects.toThrow("Cannot list the folder nowhere");
  });

  it("leaves nothing in the spool", async () => {
    const inbox = newInbox(engine, { encoding: "latin1" });
    inbox.put("inbox/a.csv", "id\n1,2\n3\n");
    const context = await testContext(engine.engine, inbox.dir);
    for await (const extract of inbox.source.read(await inbox.table(), await inbox.bronze.state(), context))
      await extract.dispose();
    expect(readdirSync(context.spool)).toEqual([]);
  });
});

describe("the memory of hashes", () => {
  const readHashed = async (inbox: ReturnType<typeof newInbox>, now: () => Date) => {
    const source = filesSource("feed", { ...csvConfig, path: "inbox/*" }, { now });
    const context = { ...(await testContext(engine.engine, inbox.dir)), cacheDir: join(inbox.dir, "cache") };
    const state = await inbox.bronze.state();
    const positions: Record<string, number>[] = [];
    for await (const extract of source.read(await inbox.table(), state, context)) {
      positions.push({ ...extract.positions });
      await extract.dispose();
    }
    return positions;
  };
  const later = () => new Date(Date.now() + 60_000);

  it("is not kept for a file that was written just now", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "id\n1\n");
    await readHashed(inbox, () => new Date());
    expect(() => statSync(join(inbox.dir, "cache"))).toThrow();
  });

  it("saves reading the file again and changes nothing else", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "id\n1\n");
    const first = await readHashed(inbox, later);
    writeFileSync(join(inbox.dir, "cache/files-feed.json"), "damaged");
    expect(await readHashed(inbox, later)).toEqual(first);
    const { mtime, atime } = statSync(join(inbox.dir, "inbox/a.csv"));
    writeFileSync(join(inbox.dir, "inbox/a.csv"), "id\n2\n");
    utimesSync(join(inbox.dir, "inbox/a.csv"), atime, new Date(mtime.getTime() + 1));
    expect(await readHashed(inbox, later)).not.toEqual(first);
  });
});
