/** Cursors and keys that a real database has: values in the future, equal rows, keys that bronze lacks, rows that are hidden. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { options as schema } from "../../../src/sources/postgres/options.ts";
import { postgresSource } from "../../../src/sources/postgres/source.ts";
import type { Source, SourceTable } from "../../../src/sources/source.ts";
import { embeddedForTests, type TestEngine } from "../../engine/harness.ts";
import { type TestPostgres, testPostgres } from "../../postgres.ts";
import { testBronze, testContext } from "../bronze.ts";

const postgres = await testPostgres();

describe.skipIf(postgres === undefined)("cursors and keys of a postgres source", () => {
  let engine: TestEngine;
  const pg = postgres as TestPostgres;
  const sql = (text: string) => pg.client.query(text);
  const open = (tables: object, url = pg.url): Source =>
    postgresSource("shop", schema.parse({ url, retries: 0, tables }));
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

  it.each([
    ["timestamptz", "'2024-01-01'", "'2024-01-02'", "'2099-01-01'", undefined],
    ["timestamp", "'2024-01-01'", "'2024-01-02'", "'2099-01-01'", undefined],
    ["date", "'2024-01-01'", "'2024-01-02'", "'2299-12-31'", undefined],
    ["bigint", "10000", "20000", "9000000000000000000", 30000],
    ["timestamptz", "'2024-01-01'", "'2024-01-02'", "'2024-06-01'", "2024-03-01 12:00:00"],
    ["timestamp", "'2024-01-01'", "'2024-01-02'", "'2024-06-01'", "2024-03-01"],
    ["date", "'2024-01-01'", "'2024-01-02'", "'2024-06-01'", "2024-03-01"],
  ])("goes on behind a %s too far in the future, and says so", async (type, low, high, future, cursorMax) => {
    await sql(`DROP TABLE IF EXISTS ahead; CREATE TABLE ahead (id int PRIMARY KEY, v text, at ${type});
      INSERT INTO ahead VALUES (1, 'a', ${low}), (2, 'b', ${high}), (3, 'typo', ${future})`);
    const source = open({ ahead: { cursor: "at", ...(cursorMax !== undefined && { cursorMax }) } });
    const table = await tableOf(source);
    const target = bronze();
    expect(await target.take(source, table)).toMatchObject({ added: 3 });
    await sql(
      `UPDATE ahead SET v = 'a2', at = ${high} WHERE id = 1; INSERT INTO ahead VALUES (4, 'new', ${high})`,
    );
    expect(await target.take(source, table)).toMatchObject({ added: 2 });
    expect(target.warnings.at(-1)).toMatch(/1 row has a value of at .* `shoplake reload bronze.shop_ahead`/);
    await sql(`UPDATE ahead SET at = ${high} WHERE id = 3`);
    const told = target.warnings.length;
    expect(await target.take(source, table)).toMatchObject({ added: 1 });
    expect(target.warnings).toHaveLength(told);
    await source.close();
  });

  it("reads all when every value lies in the future, and takes a cursorMax at its word", async () => {
    await sql("CREATE TABLE later (id int PRIMARY KEY, at date); INSERT INTO later VALUES (1, '2200-01-01')");
    const source = open({ later: { cursor: "at" } });
    const target = bronze();
    await target.take(source, await tableOf(source));
    await sql("INSERT INTO later VALUES (2, '1990-01-01')");
    expect(await target.take(source, await tableOf(source))).toMatchObject({ added: 1 });
    const bold = open({ later: { cursor: "at", cursorMax: "2250-01-01" } });
    const quiet = bronze();
    await quiet.take(bold, await tableOf(bold));
    await sql("INSERT INTO later VALUES (3, '1990-01-01')");
    expect(await quiet.take(bold, await tableOf(bold))).toMatchObject({ added: 0 });
    expect(quiet.warnings).toEqual([]);
    await expect(tableOf(open({ later: { cursor: "at", cursorMax: "soon" } }))).rejects.toMatchObject({
      code: "source",
      message: "cursorMax soon is no value of at (date).",
    });
    await Promise.all([source.close(), bold.close()]);
  });

  it("keeps each of several equal rows of a table without a key", async () => {
    await sql(`CREATE TABLE log (item text, qty int, at timestamptz);
      INSERT INTO log VALUES ('a', 1, '2024-01-01'), ('a', 1, '2024-01-01')`);
    const source = open({ log: { cursor: "at" } });
    const table = await tableOf(source);
    const target = bronze();
    expect(await target.take(source, table)).toMatchObject({ added: 2 });
    await sql("INSERT INTO log VALUES ('a', 1, '2024-01-01'), ('a', 1, NULL), ('a', 1, NULL)");
    expect(await target.take(source, table)).toMatchObject({ added: 3 });
    expect(await target.take(source, table)).toMatchObject({ added: 0 });
    await sql("INSERT INTO log VALUES ('a', 1, NULL), ('b', 1, '2024-01-01')");
    expect(await target.take(source, table)).toMatchObject({ added: 2 });
    expect(await target.count()).toBe(7);
    await source.close();
  });

  it("reads keys that bronze lacks, however old their cursor, when it compares keys anyway", async () => {
    await sql(`CREATE TABLE known (id int, part text, at timestamptz, PRIMARY KEY (id, part));
      INSERT INTO known VALUES (1, 'x', '2024-01-01'), (2, 'x', '2024-01-01')`);
    const source = open({ known: { cursor: "at", detectDeletes: true } });
    const table = await tableOf(source);
    const target = bronze();
    await target.take(source, table);
    await sql(
      `INSERT INTO known VALUES (5, E'o\\'"\\\\,', '2020-01-01'), (6, 'new', '2024-01-02'); DELETE FROM known WHERE id = 2`,
    );
    expect(await target.take(source, table)).toMatchObject({ added: 3 });
    expect(await target.take(source, table)).toMatchObject({ added: 0 });
    expect(
      (await target.rows<{ id: number; _deleted: boolean }>()).map(({ id, _deleted }) => [id, _deleted]),
    ).toEqual([
      [1, false],
      [2, false],
      [2, true],
      [5, false],
      [6, false],
    ]);
    expect(await engine.engine.rows("SHOW TABLES FROM shoplake_spool")).toEqual([]);
    await source.close();
  });

  it("reads all rows when bronze lacks more keys than can be asked for one by one", async () => {
    await sql(`CREATE TABLE many (id int PRIMARY KEY, at timestamptz);
      INSERT INTO many VALUES (0, '2024-01-01'), (-1, '2024-01-01')`);
    const source = open({ many: { cursor: "at", detectDeletes: true } });
    const table = await tableOf(source);
    const target = bronze();
    await target.take(source, table);
    await sql("DELETE FROM many WHERE id = -1");
    await target.take(source, table);
    await sql(
      "INSERT INTO many SELECT i, '2020-01-01' FROM generate_series(1, 100001) i; INSERT INTO many VALUES (-1, '2024-01-01')",
    );
    expect(await target.take(source, table)).toMatchObject({ added: 100_002 });
    expect(await target.take(source, table)).toMatchObject({ added: 0 });
    await source.close();
  });

  describe("row-level security", () => {
    const reader = () => {
      const url = new URL(pg.url);
      url.username = "limited";
      url.password = "reader";
      return url.href;
    };

    it("takes hidden rows for deleted in no case: it refuses, or warns where nothing is deleted", async () => {
      await sql(`CREATE TABLE secured (id int PRIMARY KEY, at timestamptz);
        INSERT INTO secured VALUES (1, '2024-01-01'), (2, '2024-01-01');
        CREATE ROLE limited LOGIN PASSWORD 'reader'; GRANT SELECT ON secured TO limited`);
      const tables = {
        deletes: { cursor: "at", detectDeletes: true },
        whole: {},
        cursor: { cursor: "at" },
      };
      const opened = Object.entries(tables).map(([name, options]) => ({
        name,
        source: open({ secured: options }, reader()),
        target: bronze(),
      }));
      for (const { source, target } of opened)
        expect(await target.take(source, await tableOf(source))).toMatchObject({ added: 2 });
      await sql("ALTER TABLE secured ENABLE ROW LEVEL SECURITY");
      for (const { name, source, target } of opened) {
        const taking = target.take(source, await tableOf(source));
        if (name === "cursor") await taking;
        else
          await expect(taking).rejects.toMatchObject({
            code: "source",
            message: "Row-level security hides rows of this table from the user of the URL.",
            details: { hint: expect.stringContaining("BYPASSRLS") },
          });
        expect(await target.count()).toBe(2);
        await source.close();
      }
      expect(opened[2]?.target.warnings).toEqual([
        expect.stringContaining("row-level security may hide rows"),
      ]);
    });
  });

  it("says how to take over a cursor whose type changed", async () => {
    await sql(
      "CREATE TABLE zoned (id int PRIMARY KEY, at timestamp); INSERT INTO zoned VALUES (1, '2024-01-01')",
    );
    const source = open({ zoned: { cursor: "at" } });
    const target = bronze();
    await target.take(source, await tableOf(source));
    await sql("ALTER TABLE zoned ALTER at TYPE timestamptz");
    await expect(target.take(source, await tableOf(source))).rejects.toMatchObject({
      details: {
        hint: "To take over the new type, read the table again from the start: shoplake reload bronze.shop_zoned. Or change the column back.",
      },
    });
    await source.close();
  });
});
