import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { options as schema } from "../../src/sources/postgres/options.ts";
import { postgresSource } from "../../src/sources/postgres/source.ts";
import type { Source, SourceTable } from "../../src/sources/source.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";
import { testBronze, testContext } from "./bronze.ts";
import { sourceConformance } from "./conformance.ts";

const postgres = await testPostgres();

describe.skipIf(postgres === undefined)("postgres source", () => {
  let engine: TestEngine;
  const pg = postgres as TestPostgres;
  const sql = (text: string) => pg.client.query(text);
  const open = (tables: object, rest: object = {}): Source =>
    postgresSource("shop", schema.parse({ url: pg.url, retries: 0, tables, ...rest }));

  async function tableOf(source: Source): Promise<SourceTable> {
    const [table] = await source.tables(await testContext(engine.engine, engine.dir));
    if (table === undefined) throw new Error("no table");
    return table;
  }
  const bronze = () => testBronze(engine.engine, engine.dir);

  beforeAll(async () => {
    engine = await embeddedForTests();
  });
  afterAll(async () => {
    await engine?.stop();
    await pg.stop();
  });

  it("copies every type exactly", async () => {
    await sql(`
      CREATE TYPE mood AS ENUM ('sad', 'hä''ppy');
      CREATE DOMAIN price AS numeric(10, 2) NOT NULL CHECK (VALUE >= 0);
      CREATE TABLE types (
        id int PRIMARY KEY, b bool, i2 int2, i8 int8, f4 float4, f8 float8, n numeric(12, 3), n0 numeric, big numeric(76, 10),
        neg numeric(3, -2), small numeric(2, 4), t text, v varchar(9), c char(5), u uuid, d date, ts timestamp, tz timestamptz, tm time,
        iv interval, j json, jb jsonb, ip inet, bits bit(3), raw bytea, m mood, cash money, ints int[], texts text[][], p price,
        r int4range, x xml, doubled int GENERATED ALWAYS AS (id * 2) STORED);
      INSERT INTO types VALUES
      (1, true, -32768, 9223372036854775807, 0.1, 'NaN', -123456789.012, 1e-30, 123456789012345678901234567890.0000000001,
       12300, 0.0012, E'a\\tb\\nc\\\\N', 'é', 'ab', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '1900-01-01', '2299-12-31 23:59:59.999999',
       '2024-03-31 03:30:00.123456+02', '24:00', '1 mon 2 days 03:04:05.6', '{"a": 1.10}', '{"b": [1, null]}', '10.0.0.1/8', '101',
       '\\x00ff5c', 'hä''ppy', '1234.5', '{1,NULL,3}', '{{a,"b,c"},{NULL,"d\\"e"}}', 9.9, '[1,5)', '<a>1</a>'),
      (2, false, 32767, -9223372036854775808, '-Infinity', 1.7976931348623157e308, 0, 'NaN', -1, -100, -0.0099, '', NULL, '', NULL,
       '2299-12-31', '1900-01-01', '1900-01-01 00:00:00+00', '00:00:00.000001', '-1 year', 'null', '"\\u00e9\\\\"', '::1', '000', '', 'sad', '-0.01',
       '{}', NULL, 0, 'empty', NULL),
      (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL)`);
    const source = open({ types: {} });
    const table = await tableOf(source);
    expect(table.key).toEqual(["id"]);
    expect(Object.fromEntries(table.columns.map(({ name, type }) => [name, type]))).toMatchSnapshot();
    const target = bronze();
    await target.take(source, table);
    expect(await target.rows()).toMatchSnapshot();
    await source.close();
  });

  it("reads any text as it is, whatever the buffers' boundaries", async () => {
    await sql("CREATE TABLE nasty (id int PRIMARY KEY, a text, b text NOT NULL)");
    const plain = fc.constantFrom(
      "\\N",
      "\\",
      "\t",
      "\n",
      "\r",
      "\r\n",
      "\b",
      "\f",
      "\v",
      "'",
      '"',
      "\\t",
      "\\\\N",
      "é",
      "𝄞",
      "\u2028",
      "\ufeff",
      "N",
      " ",
      "a",
      "\u0001",
      "\u007f",
      "\\.",
      "\\x41",
      "\\0",
    );
    const words = fc.array(plain, { maxLength: 12 }).map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.option(words), words), { maxLength: 300 }), async (pairs) => {
        await sql("TRUNCATE nasty");
        const rows = pairs.map(([a, b], id) => ({ id, a, b }));
        await pg.client.query("INSERT INTO nasty SELECT * FROM json_populate_recordset(NULL::nasty, $1)", [
          JSON.stringify(rows),
        ]);
        const source = open({ nasty: {} });
        const target = bronze();
        await target.take(source, await tableOf(source));
        await source.close();
        expect(await target.rows()).toEqual(rows);
      }),
      { numRuns: 15 },
    );
  });

  it("keeps long rows and an empty text column of its own", async () => {
    await sql(`CREATE TABLE long (t text);
      INSERT INTO long SELECT CASE WHEN i % 7 = 0 THEN '' WHEN i % 7 = 1 THEN NULL ELSE repeat(E'\\\\\\t' || i, i * 7) END FROM generate_series(1, 800) i`);
    const source = open({ long: {} });
    const target = bronze();
    await target.take(source, await tableOf(source));
    const state = await target.state();
    const [ours] = await engine.engine.rows(
      `SELECT count() AS n, countIf(t IS NULL) AS nulls, countIf(t = '') AS empty, sum(length(t)) AS bytes FROM ${state.from}`,
    );
    const theirs = await sql(
      "SELECT count(*)::text AS n, (count(*) - count(t))::text AS nulls, count(*) FILTER (WHERE t = '')::text AS empty, sum(octet_length(t))::text AS bytes FROM long",
    );
    expect(ours).toMatchObject(theirs.rows[0] as object);
    await source.close();
  });

  it.each([
    ["numeric(8, 2)", "'NaN'", "NaN"],
    ["date", "'infinity'", "infinity"],
    ["date", "'1899-12-31'", "1899-12-31"],
    ["timestamp", "'-infinity'", "-infinity"],
    ["timestamptz", "'2300-01-01 00:00:00+00'", "2300-01-01 00:00:00+00"],
    ["timestamptz", "'0044-03-15 12:00:00+00 BC'", "0044-03-15 12:00:00+00 BC"],
  ])("refuses %s %s by column and key, or keeps it as text", async (type, literal, shown) => {
    await sql(`DROP TABLE IF EXISTS odd; CREATE TABLE odd (id int, part text, v ${type}, PRIMARY KEY (id, part));
      INSERT INTO odd VALUES (1, 'a', NULL), (17, 'b|c', ${literal})`);
    const source = open({ odd: {} });
    const table = await tableOf(source);
    await expect(bronze().take(source, table)).rejects.toMatchObject({
      code: "source",
      message: `Column v holds ${shown} in the row id 17, part b|c, which bronze cannot keep exactly.`,
      retryable: false,
    });
    await source.close();
    const asText = open({ odd: { asText: "v" } });
    const target = bronze();
    await target.take(asText, await tableOf(asText));
    expect((await target.rows<{ v: string }>())[1]?.v).toBe(shown);
    await asText.close();
  });

  describe("incremental", () => {
    const at = (seconds: number) => new Date(Date.UTC(2024, 0, 1) + seconds * 1000).toISOString();
    const names = async (target: ReturnType<typeof bronze>) =>
      (await target.rows<{ name: string }>()).map(({ name }) => name).sort();

    it("reads ties, late commits within the window, and rows without a cursor value; never older ones", async () => {
      await sql(`CREATE TABLE ticks (id int PRIMARY KEY, name text, at timestamptz);
        INSERT INTO ticks VALUES (1, 'a', '${at(0)}'), (2, 'b', '${at(1000)}'), (3, 'none', NULL)`);
      const source = open({ ticks: { cursor: "at", safetyWindowSeconds: 60 } });
      const table = await tableOf(source);
      const target = bronze();
      expect(await target.take(source, table)).toMatchObject({ added: 3 });
      await sql(`INSERT INTO ticks VALUES (4, 'tie', '${at(1000)}'), (5, 'late', '${at(940)}'), (6, 'too late', '${at(939)}'),
        (7, 'none too', NULL), (8, 'new', '${at(1001)}')`);
      expect(await target.take(source, table)).toMatchObject({ added: 4 });
      expect(await names(target)).toEqual(["a", "b", "late", "new", "none", "none too", "tie"]);
      await sql(`UPDATE ticks SET name = 'a2', at = '${at(1002)}' WHERE id = 1`);
      expect(await target.take(source, table)).toMatchObject({ added: 1 });
      expect(await target.take(source, table)).toMatchObject({ added: 0 });
      await source.close();
    });

    it("gives nothing when the rows of the window are those of the last time, in whatever order, and all when one differs", async () => {
      await sql(`CREATE TABLE calm (id int PRIMARY KEY, name text, at timestamptz);
        INSERT INTO calm SELECT i, 'n' || i, '${at(0)}'::timestamptz + i * interval '1 second' FROM generate_series(1, 100) i`);
      const source = open({ calm: { cursor: "at", safetyWindowSeconds: 60 } });
      const table = await tableOf(source);
      const target = bronze();
      expect(await target.take(source, table)).toEqual({ added: 100, rejected: 0, extracts: 1 });
      expect(await target.take(source, table)).toEqual({ added: 0, rejected: 0, extracts: 1 });
      await sql(
        "CREATE TABLE other AS SELECT * FROM calm ORDER BY id DESC; TRUNCATE calm; INSERT INTO calm SELECT * FROM other",
      );
      expect(await target.take(source, table)).toEqual({ added: 0, rejected: 0, extracts: 0 });
      await sql("UPDATE calm SET name = 'changed, with the same time' WHERE id = 90");
      expect(await target.take(source, table)).toEqual({ added: 1, rejected: 0, extracts: 1 });
      expect(await target.take(source, table)).toEqual({ added: 0, rejected: 0, extracts: 1 });
      expect(await target.take(source, table)).toEqual({ added: 0, rejected: 0, extracts: 0 });
      await sql("ALTER TABLE calm ADD COLUMN extra text");
      expect(await target.take(source, await tableOf(source))).toMatchObject({ extracts: 1 });
      await source.close();
    });

    it("reads again what was not taken to its end, or went from bronze since", async () => {
      await sql(
        `CREATE TABLE shaky (id int PRIMARY KEY, name text, at timestamptz); INSERT INTO shaky VALUES (1, 'a', '${at(0)}')`,
      );
      const source = open({ shaky: { cursor: "at", safetyWindowSeconds: 60 } });
      const table = await tableOf(source);
      const target = bronze();
      await target.take(source, table);
      await target.take(source, table);
      expect(await target.take(source, table)).toMatchObject({ extracts: 0 });
      await sql(`INSERT INTO shaky VALUES (2, 'b', '${at(1)}')`);
      const killed = target.take(source, table, () => Promise.reject(new Error("killed")));
      await expect(killed).rejects.toThrow("killed");
      expect(await target.take(source, table)).toEqual({ added: 1, rejected: 0, extracts: 1 });
      expect(await target.take(source, table)).toEqual({ added: 0, rejected: 0, extracts: 1 });
      await target.restore(1, "id = 1");
      expect(await target.take(source, table)).toEqual({ added: 1, rejected: 0, extracts: 1 });
      await source.close();
    });

    it.each([
      ["int8", "9007199254740993", "9007199254740990", "9007199254740989"],
      ["date", "'2024-01-10'", "'2024-01-09'", "'2024-01-08'"],
      [
        "timestamp",
        "'2024-03-31 02:30:00.000003'",
        "'2024-03-31 02:29:57.000003'",
        "'2024-03-31 02:29:57.000002'",
      ],
    ])("takes a cursor of type %s to the last digit", async (type, top, inside, outside) => {
      await sql(
        `DROP TABLE IF EXISTS cursors; CREATE TABLE cursors (id text, at ${type} NOT NULL); INSERT INTO cursors VALUES ('top', ${top})`,
      );
      const source = open({
        cursors: { key: "id", cursor: "at", safetyWindowSeconds: 3, safetyWindowUnits: 3 },
      });
      const target = bronze();
      await target.take(source, await tableOf(source));
      await sql(`INSERT INTO cursors VALUES ('inside', ${inside}), ('outside', ${outside})`);
      await target.take(source, await tableOf(source));
      expect((await target.rows<{ id: string }>()).map(({ id }) => id)).toEqual(["inside", "top"]);
      await source.close();
    });

    it("finds deleted rows, and sees rows that came back with their old content", async () => {
      await sql(`CREATE TABLE mortal (a uuid, b text, name text NOT NULL, at timestamptz, PRIMARY KEY (a, b));
        INSERT INTO mortal SELECT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', E'x\\'"\\\\,' || i, 'n' || i, timestamptz '2024-01-01' + i * interval '1 day' FROM generate_series(1, 9) i`);
      const source = open({ mortal: { cursor: "at", detectDeletes: true } });
      const table = await tableOf(source);
      const target = bronze();
      const alive = async () =>
        (
          await engine.engine.rows<{ name: string }>(
            `SELECT name FROM (SELECT * FROM ${(await target.state()).from} ORDER BY at DESC, _ingested_at DESC LIMIT 1 BY a, b) WHERE NOT _deleted ORDER BY name`,
          )
        ).map(({ name }) => name);
      await target.take(source, table);
      await sql(
        "CREATE TABLE kept AS SELECT * FROM mortal; DELETE FROM mortal WHERE name IN ('n1', 'n5', 'n9')",
      );
      expect(await target.take(source, table)).toMatchObject({ added: 3 });
      expect(await alive()).toEqual(["n2", "n3", "n4", "n6", "n7", "n8"]);
      expect(await target.take(source, table)).toMatchObject({ added: 0 });
      await sql("INSERT INTO mortal SELECT * FROM kept WHERE name IN ('n1', 'n9')");
      expect(await target.take(source, table)).toMatchObject({ added: 2 });
      expect(await alive()).toEqual(["n1", "n2", "n3", "n4", "n6", "n7", "n8", "n9"]);
      expect(await target.take(source, table)).toMatchObject({ added: 0 });
      await sql("DELETE FROM mortal");
      expect(await target.take(source, table)).toMatchObject({ added: 8 });
      expect(await alive()).toEqual([]);
      await source.close();
    });
  });

  describe("schema", () => {
    it("names what is missing and the nearest name", async () => {
      await sql("CREATE TABLE customers (customer_id int PRIMARY KEY, updated_at timestamptz, note text)");
      const failing = (tables: object) => expect(tableOf(open(tables))).rejects;
      await failing({ custmers: {} }).toMatchObject({
        message: "There is no table public.custmers.",
        details: { hint: "Did you mean customers?" },
      });
      await failing({ customers: { cursor: "update_at" } }).toMatchObject({
        message: "There is no column update_at, which cursor names.",
        details: { hint: "Did you mean updated_at?" },
      });
      await failing({ customers: { cursor: "note" } }).toMatchObject({
        message: "Column note of type text cannot be a cursor.",
      });
      await failing({ customers: { detectDeletes: true } }).toMatchObject({
        message: "detectDeletes needs a key and a cursor.",
      });
    });

    it("takes all tables of a schema, without views", async () => {
      await sql(`CREATE SCHEMA wide; CREATE TABLE wide.b (x int); CREATE VIEW wide.v AS SELECT 1 AS x;
        CREATE TABLE wide.a (x int, at date) PARTITION BY RANGE (at); CREATE TABLE wide.a1 PARTITION OF wide.a DEFAULT`);
      const source = open({ "*": {}, v: {}, a: { cursor: "at" } }, { schema: "wide" });
      const tables = await source.tables(await testContext(engine.engine, engine.dir));
      expect(tables.map(({ name, cursor }) => [name, cursor])).toEqual([
        ["a", "at"],
        ["b", undefined],
        ["v", undefined],
      ]);
      await source.close();
    });

    const change = `ALTER TABLE changing DROP COLUMN old, ADD COLUMN fresh text DEFAULT 'f', ALTER COLUMN n TYPE int8;
      INSERT INTO changing VALUES (2, 5000000000, 'g')`;
    const unpack = async (policy: string) => {
      await sql(
        `DROP TABLE IF EXISTS changing; CREATE TABLE changing (id int PRIMARY KEY, n int4, old text NOT NULL); INSERT INTO changing VALUES (1, 1, 'o')`,
      );
      const source = open({ changing: { cursor: "id" } }, { schemaPolicy: policy });
      const target = bronze();
      await target.take(source, await tableOf(source));
      return { source, target };
    };

    it("evolves: new columns come, gone ones become NULL, types widen, with warnings", async () => {
      const { source, target } = await unpack("evolve");
      await sql(change);
      await target.take(source, await tableOf(source));
      expect(await target.rows()).toEqual([
        { id: 1, n: "1", old: "o", fresh: null },
        { id: 1, n: "1", old: null, fresh: "f" },
        { id: 2, n: "5000000000", old: null, fresh: "g" },
      ]);
      expect(target.warnings).toEqual([
        "shop: public.changing: new columns taken over: fresh",
        "shop: public.changing: columns gone from the source, NULL from now on: old",
        "shop: public.changing: bronze is rewritten for wider columns: n (Int32 to Int64)",
      ]);
      expect(await target.take(source, await tableOf(source))).toMatchObject({ added: 0, extracts: 1 });
      await source.close();
    });

    it("refuses that a column which models read goes or becomes text, until it is said that it shall", async () => {
      await unpack("evolve");
      const target = testBronze(engine.engine, engine.dir, async (column) =>
        column === "id" ? [] : [`silver.${column}`],
      );
      const reading = (options: object = {}) => open({ changing: { cursor: "id", ...options } });
      const take = async (source: ReturnType<typeof open>) =>
        target.take(source, await tableOf(source)).finally(() => source.close());
      await take(reading());
      await sql(
        "ALTER TABLE changing DROP COLUMN old, ADD COLUMN fresh text, ALTER COLUMN n TYPE text; INSERT INTO changing VALUES (2, 'two', 'g')",
      );
      await expect(take(reading())).rejects.toMatchObject({
        code: "source",
        message:
          "Column old (String) is gone from the source. Read by silver.old. Column n has another type now: text (String); bronze holds Int32. Read by silver.n.",
        details: {
          where: "shop: public.changing",
          hint: expect.stringMatching(/^New there: fresh\. Bring the column back\. .*retired/),
        },
      });
      await expect(take(reading({ retired: "old" }))).rejects.toMatchObject({
        message: expect.stringMatching(/^Column n /),
        details: { hint: expect.stringContaining("asText") },
      });
      expect(await target.count()).toBe(1);
      await take(reading({ retired: "old", asText: "n" }));
      expect((await target.rows()).at(-1)).toEqual({ id: 2, n: "two", old: null, fresh: "g" });
    });

    it("freezes: new columns stay out, a wider type is an error", async () => {
      const { source, target } = await unpack("freeze");
      await sql("ALTER TABLE changing ADD COLUMN fresh text");
      await target.take(source, await tableOf(source));
      expect((await target.state()).columns?.map(({ name }) => name)).toEqual(["id", "n", "old"]);
      await sql("ALTER TABLE changing ALTER COLUMN n TYPE int8");
      await expect(target.take(source, await tableOf(source))).rejects.toMatchObject({
        message: "Column n has another type now: bigint (Int64); bronze holds Int32.",
      });
      await source.close();
    });

    it("fails: any change is an error that names it", async () => {
      const { source, target } = await unpack("fail");
      await sql(change);
      await expect(target.take(source, await tableOf(source))).rejects.toMatchObject({
        message:
          "Column fresh (Nullable(String)) is new at the source. Column old (String) is gone from the source.",
      });
      await source.close();
    });

    it("refuses a type that does not fit, and reads a narrower one as the old", async () => {
      const { source, target } = await unpack("evolve");
      await sql("ALTER TABLE changing ALTER COLUMN n TYPE int2");
      await target.take(source, await tableOf(source));
      await sql("ALTER TABLE changing ALTER COLUMN n TYPE timestamptz USING to_timestamp(n)");
      await expect(target.take(source, await tableOf(source))).rejects.toMatchObject({
        code: "source",
        message:
          "Column n has another type now: timestamp with time zone (DateTime64(6, 'UTC')); bronze holds Int32.",
      });
      await source.close();
    });

    it("lets a NOT NULL column become nullable", async () => {
      const { source, target } = await unpack("evolve");
      await sql(
        "ALTER TABLE changing ALTER COLUMN old DROP NOT NULL; INSERT INTO changing VALUES (3, 3, NULL)",
      );
      await target.take(source, await tableOf(source));
      expect(await target.count()).toBe(2);
      await source.close();
    });
  });

  describe("faults", () => {
    /** Ends the server's side of the first COPY that it sees. */
    const cutCopy = async () => {
      const end =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'";
      while ((await sql(end)).rowCount === 0) await sleep(5);
    };

    beforeAll(async () => {
      await sql(
        "CREATE TABLE big AS SELECT i AS id, repeat('x', 200) AS filler FROM generate_series(1, 400000) i",
      );
    });

    it("keeps nothing when the server goes away in the middle of a copy", async () => {
      const source = open({ big: {} });
      const table = await tableOf(source);
      const target = bronze();
      const taking = expect(target.take(source, table)).rejects.toMatchObject({
        code: "source",
        retryable: true,
      });
      await cutCopy();
      await taking;
      expect(await target.count()).toBe(0);
      await target.take(source, table);
      expect(await target.count()).toBe(400_000);
      await source.close();
    });

    it("makes the engine's statement fail too, so that a short copy cannot be taken for a whole one", async () => {
      const source = open({ big: {} });
      const context = await testContext(engine.engine, engine.dir);
      const extracts = source.read(
        await tableOf(source),
        { positions: new Map(), columns: undefined, from: undefined },
        context,
      );
      for await (const extract of extracts) {
        const stop = new AbortController();
        const statement = engine.engine.rows(
          `SELECT count() AS n, sum(length(filler)) FROM ${extract.from}`,
          { settings: extract.settings ?? {} },
        );
        const pumping = extract.pump?.(stop.signal);
        const cut = cutCopy();
        await expect(pumping).rejects.toMatchObject({ retryable: true });
        await cut;
        await expect(statement).rejects.toMatchObject({ code: "engine" });
        await extract.dispose();
      }
      await source.close();
    });

    it("ends when the engine refuses the statement or nobody reads", async () => {
      const source = open({ big: {} });
      const context = await testContext(engine.engine, engine.dir);
      for await (const extract of source.read(
        await tableOf(source),
        { positions: new Map(), columns: undefined, from: undefined },
        context,
      )) {
        const stop = new AbortController();
        const pumping = extract.pump?.(stop.signal);
        stop.abort(new Error("no reader"));
        await expect(pumping).rejects.toThrow("no reader");
        await extract.dispose();
      }
      await source.close();
    });

    it("tries a refused connection again, then says so without the password", async () => {
      const refused = postgresSource(
        "shop",
        schema.parse({ url: "postgres://me:s3cret@127.0.0.1:1/x", retries: 1, tables: { t: {} } }),
      );
      const error = await tableOf(refused).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "source", retryable: true, details: { where: "127.0.0.1:1/x" } });
      expect(inspect(error, { depth: 9 })).not.toContain("s3cret");
    });

    it("says that the password is wrong, once", async () => {
      const url = new URL(pg.url);
      url.password = "wrong-one";
      const source = postgresSource("shop", schema.parse({ url: url.href, retries: 3, tables: { t: {} } }));
      const error = await tableOf(source).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: "source",
        retryable: false,
        details: { hint: "Check user and password in the URL." },
      });
      expect(inspect(error, { depth: 9 })).not.toContain("wrong-one");
    });
  });

  it("uploads first when the engine is a server, with the same rows", async () => {
    const source = open({ types: {} });
    const server = testBronze({ ...engine.engine, kind: "server" }, engine.dir);
    const embedded = bronze();
    await server.take(source, await tableOf(source));
    await embedded.take(source, await tableOf(source));
    expect(await server.rows()).toEqual(await embedded.rows());
    expect(await engine.engine.rows("SHOW TABLES FROM shoplake_spool")).toEqual([]);
    await source.close();
  });

  sourceConformance("postgres", () => ({
    engine: engine.engine,
    dir: engine.dir,
    async subject() {
      await sql(
        "DROP TABLE IF EXISTS conform; CREATE TABLE conform (id int PRIMARY KEY, name text, at timestamptz)",
      );
      let second = 0;
      return {
        open: () => open({ conform: { cursor: "at" } }),
        async add(rows) {
          second++;
          for (const { id, name } of rows)
            await pg.client.query("INSERT INTO conform VALUES ($1, $2, to_timestamp($3))", [
              id,
              name,
              second,
            ]);
        },
        clear: () => Promise.resolve(),
      };
    },
  }));
});
