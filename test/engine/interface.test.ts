import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
} from "node:zlib";
import { decompress as zstd } from "fzstd";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blockDecoder, blockEncoder } from "../../src/engine/embedded/compression/blocks.ts";
import { embeddedForTests, type TestEngine } from "./harness.ts";
import { type Ask, ask } from "./http.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
  await t.engine.command("CREATE DATABASE web");
  await t.engine.command("CREATE TABLE web.t (a UInt32, b String) ENGINE = MergeTree ORDER BY a");
});
afterAll(() => t.stop());

const sendSql = (body: string, options: Ask = {}) => ask(t, { ...options, body });
const textOf = async (body: string, options: Ask = {}) => (await sendSql(body, options)).body.toString();

async function inBlocks(data: Buffer): Promise<Buffer> {
  const encoder = blockEncoder();
  encoder.end(data);
  return buffer(encoder);
}

/** What the engine makes of a file: a compressor we did not write. */
async function compressedByEngine(method: string, text: string): Promise<Buffer> {
  const file = join(t.dir, `text.${method}`);
  const target = `file('${file}', 'RawBLOB', 'x String', '${method}')`;
  const settings = { engine_file_truncate_on_insert: 1 };
  await t.engine.command(`INSERT INTO FUNCTION ${target} SELECT {text:String}`, {
    params: { text },
    settings,
  });
  return readFile(file);
}

describe("security", () => {
  test("everything wants the token", async () => {
    for (const path of ["/", "/ping", "/anything"])
      expect((await ask(t, { path, token: "wrong", body: "SELECT 1" })).status).toBe(403);
    expect((await ask(t, { body: "SELECT 1", params: { user: "root" } })).status).toBe(403);
    const without = await ask(t, { token: "", body: "SELECT 1" });
    expect(without.body.toString()).toMatch(/^Code: 516\..*AUTHENTICATION_FAILED/);
    expect(without.headers["x-clickhouse-exception-code"]).toBe("516");
  });

  test("the default database neither reads files nor takes tables", async () => {
    expect(await textOf("SELECT * FROM default.`/etc/hostname`")).toMatch(/UNKNOWN_TABLE/);
    expect((await sendSql("CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a")).status).toBe(500);
  });

  test.each([
    "SELECT 1; DROP TABLE web.t",
    "INSERT INTO web.t SELECT 1, 'x'; DROP TABLE web.t",
    "SELECT 1 /* ; */ ; -- x\n SELECT 2",
    "SELECT 1\u00a0;\u00a0SELECT 2",
  ])("%j is refused as several statements", async (sql) => {
    expect(await textOf(sql)).toMatch(/Multi-statements/);
  });

  test("a second statement inside the data of VALUES is not run", async () => {
    await textOf("INSERT INTO web.t VALUES (9, 'x'); DROP TABLE web.t");
    expect((await sendSql("INSERT INTO web.t VALUES (9, 'y');")).status).toBe(200);
    expect(await textOf("SELECT DISTINCT a FROM web.t")).toBe("9\n");
    await t.engine.command("TRUNCATE TABLE web.t");
  });

  test.each([
    "SELECT 1 INTO OUTFILE '/tmp/shoplake-out'",
    "SHOW TABLES INTO\u00a0OUTFILE '/tmp/shoplake-out'",
    "EXPLAIN SELECT 1 INTO /**/ OUTFILE '/tmp/shoplake-out'",
    "INSERT INTO web.t FROM INFILE '/etc/passwd' FORMAT TSV",
  ])("%j touches no file", async (sql) => {
    expect(await textOf(sql)).toMatch(/Code: 344/);
  });
});

describe("answers", () => {
  test("have status, headers and content length of a ClickHouse server", async () => {
    const reply = await sendSql("SELECT 1 AS a", {
      params: { default_format: "JSONEachRow", query_id: "q1" },
    });
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({
      "content-type": "application/x-ndjson; charset=UTF-8",
      "content-length": "8",
      "x-clickhouse-format": "JSONEachRow",
      "x-clickhouse-query-id": "q1",
      "x-clickhouse-timezone": "UTC",
    });
    expect(JSON.parse(String(reply.headers["x-clickhouse-summary"]))).toMatchObject({ result_rows: "1" });
    expect(reply.body.toString()).toBe('{"a":1}\n');
  });

  test.each([
    ["SELECT bad", 404, "47"],
    ["SELECT * FROM web.none", 404, "60"],
    ["SELEC", 400, "62"],
    ["SELECT throwIf(1)", 500, "395"],
    ["", 400, "62"],
  ])("%j fails with status %i and code %s", async (sql, status, code) => {
    const reply = await sendSql(sql);
    expect([reply.status, reply.headers["x-clickhouse-exception-code"]]).toEqual([status, code]);
    expect(reply.body.toString()).toMatch(
      /^Code: \d+\. DB::Exception: .* \(version [\d.]+ \(official build\)\)\n$/s,
    );
  });

  test("an error after the first rows comes as a tagged block, before them with wait_end_of_query", async () => {
    const sql =
      "SELECT number, throwIf(number = 500000, 'late') FROM numbers(1000000) SETTINGS max_block_size = 5000";
    const late = await sendSql(sql);
    const tag = String(late.headers["x-clickhouse-exception-tag"]);
    expect(late.status).toBe(200);
    const end = late.body.subarray(-1000).toString();
    const block = end.slice(end.indexOf("__exception__"));
    const message = block.slice(
      `__exception__\r\n${tag}\r\n`.length,
      block.lastIndexOf("\n", block.lastIndexOf(` ${tag}`)) + 1,
    );
    expect(message).toMatch(/^Code: 395\..*late/);
    expect(block.endsWith(`${Buffer.byteLength(message)} ${tag}\r\n__exception__\r\n`)).toBe(true);
    expect((await sendSql(sql, { params: { wait_end_of_query: "1" } })).status).toBe(500);
  });

  test("the format comes from the statement, the header, or the URL", async () => {
    expect(await textOf("SELECT 1 FORMAT CSV", { params: { default_format: "JSON" } })).toBe("1\n");
    expect(await textOf("SELECT 1 FORMAT CSV SETTINGS max_threads = 1;")).toBe("1\n");
    expect(await textOf("SELECT 'a'", { headers: { "X-ClickHouse-Format": "CSV" } })).toBe('"a"\n');
    expect(await textOf("SELECT 'a'")).toBe("a\n");
    expect(
      (await sendSql("CREATE DATABASE IF NOT EXISTS web")).headers["x-clickhouse-format"],
    ).toBeUndefined();
  });

  test("database, settings and read-only GET", async () => {
    expect(await textOf("SELECT count() FROM t", { params: { database: "web" } })).toBe("0\n");
    expect(await textOf("SELECT count() FROM t", { headers: { "X-ClickHouse-Database": "web" } })).toBe(
      "0\n",
    );
    expect(await textOf("SELECT getSetting('max_block_size')", { params: { max_block_size: "9" } })).toBe(
      "9\n",
    );
    expect(await textOf("SELECT 1", { params: { no_such_setting: "9" } })).toMatch(/Code: 115/);
    const get = { method: "GET", params: { query: "SELECT 1" } };
    expect((await ask(t, get)).body.toString()).toBe("1\n");
    const write = { method: "GET", params: { query: "CREATE DATABASE nope" } };
    expect((await ask(t, write)).body.toString()).toMatch(/Code: 164/);
  });

  test("the same query id cannot run twice, and KILL stops it", async () => {
    const params = {
      query_id: "twice",
      function_sleep_max_microseconds_per_block: "100000000",
      max_block_size: "1",
    };
    const first = sendSql("SELECT sum(sleepEachRow(1)) FROM numbers(60)", { params });
    const running = () => textOf("SELECT count() FROM system.processes WHERE query_id = 'twice'");
    await expect.poll(running, { timeout: 10_000 }).toBe("1\n");
    expect(await textOf("SELECT 1", { params })).toMatch(/Code: 216/);
    expect(await textOf("KILL QUERY WHERE query_id = 'twice' SYNC")).toMatch(/finished|waiting/);
    expect((await first).body.toString()).toMatch(/Code: 394/);
  });
});

describe("inserts", () => {
  const rows = () => t.engine.rows<{ a: number; b: string }>("SELECT a, b FROM web.t ORDER BY a");
  const insert = async (options: Ask) => {
    await t.engine.command("TRUNCATE TABLE web.t");
    const reply = await ask(t, options);
    expect(reply.body.toString()).toBe("");
    expect(reply.status).toBe(200);
    return rows();
  };
  const two = [
    { a: 1, b: "x" },
    { a: 2, b: "y;z" },
  ];

  test.each([
    ["INSERT INTO web.t FORMAT TSV\n1\tx\n2\ty;z\n", {}],
    ["1\tx\n2\ty;z\n", { query: "INSERT INTO web.t FORMAT TSV" }],
    ["2\ty;z\n", { query: "INSERT INTO web.t FORMAT TSV 1\tx" }],
    ["INSERT INTO web.t (b, a) VALUES ('x', 1), ('y;z', 1 + 1)", {}],
    ["INSERT INTO web.t SETTINGS max_threads = 1 FORMAT CSV\r\n1,x\n2,y;z\n", {}],
    ["INSERT INTO web.t SELECT a, b FROM input('a UInt32, b String') FORMAT CSV\n1,x\n2,y;z\n", {}],
    ["WITH 'y;z' AS s INSERT INTO web.t SELECT number + 1, number = 0 ? 'x' : s FROM numbers(2)", {}],
    ["INSERT INTO web.t (SELECT 1, 'x' UNION ALL SELECT 2, 'y;z')", {}],
    [
      "INSERT INTO web.t SELECT {n:UInt32}, {s:String} UNION ALL SELECT 2, 'y;z'",
      { param_n: "1", param_s: "x" },
    ],
  ])("%j with %j", async (body, params) => {
    expect(await insert({ body, params })).toEqual(two);
  });

  test("a broken upload inserts nothing, an empty one succeeds", async () => {
    const broken = {
      params: { query: "INSERT INTO web.t FORMAT TSV", decompress: "1" },
      body: "not a block",
    };
    expect((await ask(t, broken)).status).toBe(500);
    expect(await insert({ params: { query: "INSERT INTO web.t FORMAT TSV" }, body: "" })).toEqual([]);
    expect(
      await insert({ body: "INSERT INTO web.t SELECT a, b FROM input('a UInt32, b String') FORMAT CSV" }),
    ).toEqual([]);
  });

  describe("compressed", () => {
    const plain = Buffer.from("1\tx\n2\ty;z\n");
    const query = "INSERT INTO web.t FORMAT TSV";
    const compressors: readonly [string, () => Buffer | Promise<Buffer>][] = [
      ["gzip", () => gzipSync(plain)],
      ["deflate", () => deflateSync(plain)],
      ["br", () => brotliCompressSync(plain)],
      ["lz4", () => compressedByEngine("lz4", plain.toString())],
      ["zstd", () => compressedByEngine("zstd", plain.toString())],
    ];
    test.each(compressors)("Content-Encoding %s", async (encoding, compress) => {
      const body = await compress();
      expect(await insert({ params: { query }, body, headers: { "Content-Encoding": encoding } })).toEqual(
        two,
      );
    });

    test.each(["lz4", "zstd"])("a large %s body", async (encoding) => {
      const text = Array.from({ length: 200_000 }, (_, i) => `${i}\t${(i * 7919) % 1000}`).join("\n");
      const body = await compressedByEngine(encoding, text);
      expect(
        await insert({ params: { query }, body, headers: { "Content-Encoding": encoding } }),
      ).toHaveLength(200_000);
    });

    test("ClickHouse's blocks, with gzip around them", async () => {
      const body = await inBlocks(plain);
      expect(await insert({ params: { query, decompress: "1" }, body })).toEqual(two);
      const headers = { "Content-Encoding": "gzip" };
      expect(await insert({ params: { query, decompress: "1" }, body: gzipSync(body), headers })).toEqual(
        two,
      );
    });

    test("an unknown encoding is refused", async () => {
      const reply = await ask(t, { params: { query }, body: plain, headers: { "Content-Encoding": "xyz" } });
      expect([reply.status, reply.body.toString()]).toEqual([
        400,
        expect.stringMatching(/Unknown compression method 'xyz'/),
      ]);
    });
  });
});

describe("compressed answers", () => {
  const expected = Array.from({ length: 100_000 }, (_, i) => `${i}\n`).join("");
  const sql = "SELECT number FROM numbers(100000)";
  test.each([
    ["gzip", gunzipSync],
    ["deflate", inflateSync],
    ["br", brotliDecompressSync],
  ])("%s", async (encoding, expand) => {
    for (const [statement, result] of [
      [sql, expected],
      ["SELECT 1", "1\n"],
    ] as const) {
      const params = { enable_http_compression: "1" };
      const reply = await sendSql(statement, { params, headers: { "Accept-Encoding": `x, ${encoding}` } });
      expect(reply.headers["content-encoding"]).toBe(encoding);
      expect(expand(reply.body).toString()).toBe(result);
    }
    expect((await sendSql("SELECT 1", { headers: { "Accept-Encoding": encoding } })).body.toString()).toBe(
      "1\n",
    );
  });

  test("lz4, as the engine itself reads it", async () => {
    const params = { enable_http_compression: "1" };
    for (const [statement, result] of [
      [sql, expected],
      ["SELECT 1", "1\n"],
      ["SELECT 1 WHERE 0", ""],
    ] as const) {
      const reply = await sendSql(statement, { params, headers: { "Accept-Encoding": "lz4" } });
      expect(reply.headers["content-encoding"]).toBe("lz4");
      const file = join(t.dir, "answer.lz4");
      await writeFile(file, reply.body);
      const read = `SELECT x FROM file({file:String}, 'RawBLOB', 'x String', 'lz4')`;
      expect((await t.engine.rows<{ x: string }>(read, { params: { file } }))[0]?.x ?? "").toBe(result);
    }
  });

  test("compress=1", async () => {
    const { body } = await sendSql(sql, { params: { compress: "1" } });
    const decoder = blockDecoder(zstd);
    decoder.end(body);
    expect((await buffer(decoder)).toString()).toBe(expected);
  });
});

test("form data: parameters, and tables that live as long as the statement", async () => {
  const part = (head: string, body: string) =>
    `--XX\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
  const body = [
    part('name="query"', "SELECT sum(a), count() FROM ids WHERE a > {least:UInt32}"),
    part('name="param_least"', "1"),
    part('name="ids"; filename="ids.tsv"', "1\n2\n3\n"),
    "--XX--\r\n",
  ].join("");
  const headers = { "Content-Type": 'multipart/form-data; boundary="XX"' };
  for (const params of [
    { ids_types: "UInt32" },
    { ids_structure: "a UInt32", session_id: "form" },
  ] as const) {
    const sql = "ids_types" in params ? body.replace("sum(a)", "sum(_1)").replace("a >", "_1 >") : body;
    expect((await ask(t, { params: { ...params }, headers, body: sql })).body.toString()).toBe("5\t2\n");
  }
  expect(await textOf("SELECT * FROM ids", { params: { session_id: "form" } })).toMatch(/UNKNOWN_TABLE/);
});

test("sessions are locked while in use and end when told", async () => {
  const session = { session_id: "locked" };
  const slow = sendSql("SELECT sleep(2)", { params: session });
  const running = () =>
    textOf("SELECT count() FROM system.processes WHERE startsWith(query, 'SELECT sleep(2)')");
  await expect.poll(running, { interval: 20, timeout: 5000 }).toBe("1\n");
  expect(await textOf("SELECT 1", { params: session })).toMatch(/Code: 373/);
  expect((await slow).status).toBe(200);
  await textOf("CREATE TEMPORARY TABLE x AS SELECT 1 AS a", { params: { ...session, close_session: "1" } });
  expect(await textOf("SELECT 1", { params: { ...session, session_check: "1" } })).toMatch(/Code: 372/);
});
