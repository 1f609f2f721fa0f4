import * as fc from "fast-check";
import pgModule from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Column } from "../../src/engine/engine.ts";
import { text } from "../../src/engine/sql.ts";
import { options as schema } from "../../src/sinks/postgres/options.ts";
import { postgresSink } from "../../src/sinks/postgres/sink.ts";
import type { Sink, SinkContext, SinkInput } from "../../src/sinks/sink.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";

const postgres = await testPostgres();

describe.skipIf(postgres === undefined)("postgres sink", () => {
  let engine: TestEngine;
  let sink: Sink;
  let warnings: string[];
  const pg = postgres as TestPostgres;
  const rows = async (sql: string) => (await pg.client.query(sql)).rows as Record<string, unknown>[];

  beforeAll(async () => {
    engine = await embeddedForTests();
    sink = postgresSink("reporting", schema.parse({ url: pg.url, schema: "gold", retries: 0 }));
  });
  afterAll(async () => {
    await sink?.close();
    await engine?.stop();
    await pg.stop();
  });

  /** A dataset version whose rows are those of a SELECT. */
  async function version(dataset: string, number: number, select: string, rest: Partial<SinkInput> = {}) {
    const described = await engine.engine.rows<Column>(`DESCRIBE (${select})`);
    const input: SinkInput = {
      dataset,
      version: number,
      from: `(${select})`,
      columns: described.map(({ name, type }) => ({ name, type })),
      key: [],
      ...rest,
    };
    return input;
  }
  function context(): SinkContext {
    warnings = [];
    return {
      engine: engine.engine,
      spool: engine.dir,
      projectDir: engine.dir,
      signal: new AbortController().signal,
      warn: (message) => warnings.push(message),
    };
  }
  const write = async (dataset: string, number: number, select: string, rest: Partial<SinkInput> = {}) =>
    sink.write(await version(dataset, number, select, rest), context());
  const values = (structure: string, ...tuples: string[]) =>
    `SELECT * FROM values(${text(structure)}, ${tuples.join(", ")})`;

  it("keeps every type exactly", async () => {
    const select = `SELECT toInt8(-128) AS i8, toUInt64('18446744073709551615') AS u64, toInt256('-12345678901234567890123456789012345678901234567890') AS i256,
      toFloat32(0.1) AS f32, nan AS f, -inf AS neg, toDecimal64('-12.3400', 4) AS dec, toDecimal256('0.00000000000000000001', 20) AS fine, true AS b,
      toDate('1970-01-01') AS zero, toDate32('1900-01-01') AS old, toDateTime('2024-07-01 12:00:00', 'UTC') AS dt,
      toTimeZone(toDateTime64('2024-03-31 01:30:00.123456', 6, 'UTC'), 'Europe/Berlin') AS berlin, toDateTime64('2024-01-01 00:00:00.5', 3) AS wall,
      toUUID('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11') AS u, toLowCardinality('é\\'"\\\\\\n') AS lc, CAST(NULL AS Nullable(Decimal(9, 2))) AS empty,
      CAST('x', 'Enum8(\\'x\\' = 1)') AS e, [1, NULL, 3] AS ints, ['a,b', 'c"d\\\\', '', 'NULL', '{}'] AS texts, [toDecimal32('1.50', 2)] AS decs,
      map('k', toUInt64('18446744073709551615')) AS m, tuple(1, 'x') AS t, [[1, 2], [3]] AS nested, [toDateTime('2024-07-01 12:00:00', 'Asia/Tokyo')] AS times`;
    await write("gold.types", 1, select);
    const described = await rows(
      "SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required FROM pg_attribute WHERE attrelid = 'gold.types'::regclass AND attnum > 0 ORDER BY attnum",
    );
    expect(
      described.map(({ name, type, required }) => `${name} ${type}${required ? " NOT NULL" : ""}`),
    ).toMatchSnapshot();
    await pg.client.query("SET TimeZone = 'UTC'");
    const [{ json }] = (await rows(
      `SELECT (SELECT json_object_agg(key, value) FROM jsonb_each_text(to_jsonb(whole))) AS json FROM gold.types AS whole`,
    )) as [{ json: unknown }];
    expect(json).toMatchSnapshot();
  });

  it("copies any text as it is", async () => {
    const piece = fc.constantFrom(
      "\\N",
      "\\",
      "\t",
      "\n",
      "\r",
      "\b",
      "\f",
      "\v",
      "'",
      '"',
      "\\.",
      "é",
      "𝄞",
      "\ufeff",
      "1",
      "\u0007",
      "\u007f",
      "{",
      ",",
    );
    const word = fc.array(piece, { maxLength: 10 }).map((parts) => parts.join(""));
    await engine.engine.command("CREATE DATABASE IF NOT EXISTS s ENGINE = Atomic");
    await engine.engine.command(
      "CREATE TABLE s.nasty (id UInt32, a Nullable(String), b Array(Nullable(String))) ENGINE = MergeTree ORDER BY id",
    );
    let number = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.option(word), fc.array(fc.option(word), { maxLength: 3 })), { maxLength: 50 }),
        async (pairs) => {
          const given = pairs.map(([a, b], id) => ({ id, a, b }));
          await engine.engine.command("TRUNCATE TABLE s.nasty");
          if (given.length > 0) await engine.engine.insert("s.nasty", given);
          await write("gold.nasty", ++number, "SELECT * FROM s.nasty", { key: ["id"] });
          expect(await rows("SELECT id::int, a, b FROM gold.nasty ORDER BY id")).toEqual(given);
        },
      ),
      { numRuns: 15 },
    );
  });

  const abc = (...tuples: string[]) =>
    values("id Int32, name Nullable(String), amount Decimal(9, 2)", ...tuples);

  it("changes only what differs when the key is known", async () => {
    const key = { key: ["id"] };
    expect(await write("gold.merge", 1, abc("(1, 'a', 1)", "(2, 'b', 2)", "(3, NULL, 3)"), key)).toEqual({
      inserted: 3,
      updated: 0,
      deleted: 0,
      unchanged: false,
    });
    const before = await rows("SELECT id, xmin::text AS x FROM gold.merge ORDER BY id");
    expect(await write("gold.merge", 2, abc("(1, 'a', 1)", "(3, 'c', 3)", "(4, 'd', 4)"), key)).toEqual({
      inserted: 1,
      updated: 1,
      deleted: 1,
      unchanged: false,
    });
    const after = await rows("SELECT id, xmin::text AS x FROM gold.merge ORDER BY id");
    expect(after[0]).toEqual(before[0]);
    expect(await rows("SELECT id, name, amount FROM gold.merge ORDER BY id")).toEqual([
      { id: 1, name: "a", amount: "1.00" },
      { id: 3, name: "c", amount: "3.00" },
      { id: 4, name: "d", amount: "4.00" },
    ]);
    expect(
      await rows("SELECT version, row_count FROM gold._shoplake_versions WHERE table_name = 'merge'"),
    ).toEqual([{ version: "2", row_count: "3" }]);
  });

  it("replaces all rows, duplicates included, when there is no key", async () => {
    expect(await write("gold.bag", 1, abc("(1, 'a', 1)", "(1, 'a', 1)"))).toMatchObject({
      inserted: 2,
      deleted: 0,
    });
    expect(await write("gold.bag", 2, abc("(1, 'a', 1)", "(1, 'a', 1)", "(2, NULL, 0)"))).toMatchObject({
      inserted: 3,
      deleted: 2,
    });
    expect(await rows("SELECT count(*)::int AS n FROM gold.bag")).toEqual([{ n: 3 }]);
  });

  it("does nothing for a version that stands there, or one of the same content; does not trust the number alone", async () => {
    const select = abc("(1, 'a', 1)");
    await write("gold.again", 7, select);
    const unchanged = { inserted: 0, updated: 0, deleted: 0, unchanged: true };
    expect(await write("gold.again", 7, select)).toEqual(unchanged);
    expect(await write("gold.again", 8, select)).toEqual(unchanged);
    expect(await rows("SELECT version FROM gold._shoplake_versions WHERE table_name = 'again'")).toEqual([
      { version: "8" },
    ]);
    expect(await write("gold.again", 8, abc("(1, 'b', 1)"))).toMatchObject({
      inserted: 1,
      deleted: 1,
      unchanged: false,
    });
    await pg.client.query("DROP TABLE gold.again");
    expect(await write("gold.again", 8, abc("(1, 'b', 1)"))).toMatchObject({ inserted: 1, unchanged: false });
  });

  it("writes an empty version", async () => {
    await write("gold.emptied", 1, abc("(1, 'a', 1)"), { key: ["id"] });
    expect(await write("gold.emptied", 2, `${abc("(1, 'a', 1)")} WHERE 0`, { key: ["id"] })).toMatchObject({
      deleted: 1,
    });
  });

  it("describes table and columns", async () => {
    await write("gold.described", 1, abc("(1, 'a', 1)"), {
      description: "It's one\nrow \\ a day",
      columnDescriptions: { amount: "In EUR" },
    });
    expect(
      await rows(
        "SELECT obj_description('gold.described'::regclass) AS t, col_description('gold.described'::regclass, 3) AS c",
      ),
    ).toEqual([{ t: "It's one\nrow \\ a day", c: "In EUR" }]);
  });

  it("follows columns, types and key of the dataset", async () => {
    await write("gold.shape", 1, "SELECT 1::Int32 AS id, 'x' AS gone, 5::Int32 AS n", { key: ["id"] });
    await write("gold.shape", 2, "SELECT 1::Int32 AS id, 5000000000::Int64 AS n, 'new' AS fresh", {
      key: ["id"],
    });
    expect(await rows("SELECT * FROM gold.shape")).toEqual([
      { id: 1, gone: null, n: "5000000000", fresh: "new" },
    ]);
    expect(warnings).toEqual([
      '"gold"."shape": columns that the dataset does not have any more are NULL: gone',
    ]);
    await write(
      "gold.shape",
      3,
      "SELECT 1::Int32 AS id, 6::Int64 AS n, toNullable('newer') AS fresh UNION ALL SELECT 1, 7, NULL",
      { key: ["id", "n"] },
    );
    expect(await rows("SELECT id, n, fresh FROM gold.shape ORDER BY n")).toEqual([
      { id: 1, n: "6", fresh: "newer" },
      { id: 1, n: "7", fresh: null },
    ]);
    expect(
      await rows(
        "SELECT pg_get_constraintdef(oid) AS def FROM pg_constraint WHERE conrelid = 'gold.shape'::regclass AND contype = 'p'",
      ),
    ).toEqual([{ def: "PRIMARY KEY (id, n)" }]);
  });

  it("changes a column to a type that its old values do not have", async () => {
    const text = "SELECT 1::Int32 AS id, 'abc' AS v UNION ALL SELECT 2, '12'";
    const number = "SELECT 1::Int32 AS id, 0::Int32 AS v UNION ALL SELECT 2, 12";
    for (const [dataset, key] of [
      ["gold.retyped", ["id"]],
      ["gold.retyped_keyless", []],
    ] as const) {
      await write(dataset, 1, text, { key });
      await write(dataset, 2, number, { key });
      expect(await rows(`SELECT id, v, pg_typeof(v)::text AS type FROM ${dataset} ORDER BY id`)).toEqual([
        { id: 1, v: 0, type: "integer" },
        { id: 2, v: 12, type: "integer" },
      ]);
      await write(dataset, 3, text, { key });
      await write(dataset, 4, "SELECT toUUID('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11') AS id, [1] AS v", {
        key,
      });
      expect(await rows(`SELECT v FROM ${dataset}`)).toEqual([{ v: [1] }]);
    }
  });

  it("names what hangs on a column whose type must change, and changes nothing", async () => {
    const select = "SELECT 1::Int32 AS id, 'abc' AS v";
    await write("gold.viewed", 1, select, { key: ["id"] });
    await pg.client.query("CREATE VIEW gold.on_viewed AS SELECT v FROM gold.viewed");
    await expect(
      write("gold.viewed", 2, "SELECT 1::Int32 AS id, 5 AS v", { key: ["id"] }),
    ).rejects.toMatchObject({
      code: "sink",
      message: expect.stringContaining("used by a view"),
      details: {
        allowed: "the types of the dataset: v from text to smallint",
        hint: expect.stringContaining("Drop the view"),
      },
    });
    expect(await rows("SELECT * FROM gold.viewed")).toEqual([{ id: 1, v: "abc" }]);
    await pg.client.query("DROP VIEW gold.on_viewed");
    await write("gold.viewed", 2, "SELECT 1::Int32 AS id, 5 AS v", { key: ["id"] });
    expect(await rows("SELECT * FROM gold.viewed")).toEqual([{ id: 1, v: 5 }]);
  });

  it("says what to do about a value that does not fit into a table of somebody else", async () => {
    await pg.client.query("CREATE TABLE gold.typed (id int, name int)");
    await expect(write("gold.typed", 1, "SELECT 1::Int32 AS id, 'x' AS name")).rejects.toMatchObject({
      code: "sink",
      details: { hint: expect.stringContaining("alter the column") },
    });
  });

  it("leaves a table of somebody else alone, and fills an empty one as it is", async () => {
    await pg.client.query(
      "CREATE TABLE gold.foreign_one (id int, mine text); INSERT INTO gold.foreign_one VALUES (1, 'm')",
    );
    await expect(write("gold.foreign_one", 1, abc("(1, 'a', 1)"))).rejects.toMatchObject({
      code: "sink",
      message: "The table gold.foreign_one holds rows of somebody else.",
    });
    await pg.client.query(
      "TRUNCATE gold.foreign_one; ALTER TABLE gold.foreign_one ALTER id TYPE bigint, ALTER mine SET DEFAULT 'kept'",
    );
    await write("gold.foreign_one", 1, abc("(1, 'a', 1)"), { key: ["id"] });
    await write("gold.foreign_one", 2, abc("(1, 'b', 1)"), { key: ["id"] });
    expect(await rows("SELECT * FROM gold.foreign_one")).toEqual([
      { id: "1", mine: "kept", name: "b", amount: "1.00" },
    ]);
  });

  it("keeps the old version when anything fails", async () => {
    await write("gold.safe", 1, abc("(1, 'a', 1)"), { key: ["id"] });
    const bad = (select: string) => write("gold.safe", 2, select, { key: ["id"] });
    await expect(bad(abc("(1, 'b', 1)", "(1, 'c', 1)"))).rejects.toMatchObject({
      code: "sink",
      message: /\(id\)=\(1\) is duplicated/,
    });
    await expect(
      bad(`SELECT 1::Int32 AS id, char(0) AS name, toDecimal32(1, 2) AS amount`),
    ).rejects.toMatchObject({
      message: "A text holds a NUL byte, which PostgreSQL cannot keep.",
      details: { where: "gold.safe, column name" },
    });
    await expect(
      bad(`SELECT 1::Int32 AS id, unhex('ff') AS name, toDecimal32(1, 2) AS amount`),
    ).rejects.toMatchObject({ message: /invalid byte sequence/ });
    await expect(
      sink.write(
        { ...(await version("gold.safe", 2, abc("(1, 'b', 1)"))), from: "nowhere.nothing" },
        context(),
      ),
    ).rejects.toMatchObject({ code: "engine" });
    await expect(bad("SELECT 1::Int32 AS id, toDateTime64(1, 9) AS fine")).rejects.toMatchObject({
      message: /microseconds/,
    });
    expect(await rows("SELECT id, name FROM gold.safe")).toEqual([{ id: 1, name: "a" }]);
    expect(await rows("SELECT version FROM gold._shoplake_versions WHERE table_name = 'safe'")).toEqual([
      { version: "1" },
    ]);
  });

  it("shows readers one whole version at any moment, also while the server's connection is cut", async () => {
    const many = (n: number) =>
      `SELECT number::Int32 AS id, ${n}::Int32 AS v, repeat('x', 100) AS filler FROM numbers(100000)`;
    await write("gold.whole", 1, many(1));
    const seen = new Set<string>();
    let done = false;
    const reader = new pgModule.Client({ connectionString: pg.url });
    await reader.connect();
    const reading = (async () => {
      while (!done)
        for (const row of await rows("SELECT count(*)::int AS n, min(v) AS a, max(v) AS b FROM gold.whole"))
          seen.add(JSON.stringify(row));
    })();
    const killed = write("gold.whole", 2, many(2));
    let cut = 0;
    const killing = (async () => {
      while (cut === 0)
        cut = (
          await rows(
            'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE \'COPY "gold"."whole"%\'',
          )
        ).length;
    })();
    await expect(killed).rejects.toMatchObject({ code: "sink", retryable: true });
    await killing;
    await write("gold.whole", 2, many(2));
    done = true;
    await reading;
    await reader.end();
    await write("gold.whole", 3, many(3));
    expect([...seen].sort()).toEqual(expect.arrayContaining(['{"n":100000,"a":1,"b":1}']));
    for (const row of seen) expect(['{"n":100000,"a":1,"b":1}', '{"n":100000,"a":2,"b":2}']).toContain(row);
  });

  it("lets two writers of one table come one after the other", async () => {
    const results = await Promise.all(
      [1, 2, 3].map((n) => write("gold.raced", n, abc(`(1, 'v${n}', ${n})`), { key: ["id"] })),
    );
    expect(results.filter(({ unchanged }) => unchanged)).toHaveLength(0);
    expect(await rows("SELECT count(*)::int AS n FROM gold.raced")).toEqual([{ n: 1 }]);
  });

  it("uses the table name of the configuration", async () => {
    const named = postgresSink(
      "r",
      schema.parse({ url: pg.url, schema: "Other Schema", tables: { "gold.x": 'A "b"' } }),
    );
    await named.write(await version("gold.x", 1, "SELECT 1 AS one"), context());
    expect(await rows('SELECT * FROM "Other Schema"."A ""b"""')).toEqual([{ one: 1 }]);
    await named.close();
  });
});
