import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { options as schema } from "../../src/sources/postgres/options.ts";
import { postgresSource } from "../../src/sources/postgres/source.ts";
import type { Source, SourceTable } from "../../src/sources/source.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";
import { testBronze, testContext } from "./bronze.ts";

const postgres = await testPostgres();

describe.skipIf(postgres === undefined)("names at a PostgreSQL source", () => {
  let engine: TestEngine;
  const pg = postgres as TestPostgres;
  const sql = (text: string) => pg.client.query(text);
  const open = (tables: object, rest: object = {}): Source =>
    postgresSource("shop", schema.parse({ url: pg.url, retries: 0, tables, ...rest }));
  const bronze = () => testBronze(engine.engine, engine.dir);
  const tablesOf = async (source: Source, warnings: string[] = []) =>
    source.tables(await testContext(engine.engine, engine.dir, warnings));

  async function tableOf(source: Source): Promise<SourceTable> {
    const [table] = await tablesOf(source);
    if (table === undefined) throw new Error("no table");
    return table;
  }

  beforeAll(async () => {
    engine = await embeddedForTests();
  });
  afterAll(async () => {
    await engine?.stop();
    await pg.stop();
  });

  it("reads columns by their names in bronze, with key, cursor and deletes", async () => {
    await sql(`CREATE TABLE sales ("Sale No" int PRIMARY KEY, "Net (EUR)" numeric(8,2), "Changed At" timestamptz, "_Rank" int);
      INSERT INTO sales VALUES (1, 1.50, '2024-01-01', 7), (2, 2.50, '2024-01-02', 8)`);
    const source = open({ sales: { cursor: "Changed At", detectDeletes: true } });
    const table = await tableOf(source);
    expect(table).toMatchObject({ key: ["sale_no"], cursor: "changed_at" });
    const target = bronze();
    await target.take(source, table);
    await sql(
      `UPDATE sales SET "Net (EUR)" = 9, "Changed At" = '2024-02-01' WHERE "Sale No" = 1; DELETE FROM sales WHERE "Sale No" = 2`,
    );
    await target.take(source, table);
    await sql(`INSERT INTO sales VALUES (2, 2.50, '2024-01-02', 8)`);
    await target.take(source, table);
    expect(
      (await target.rows<Record<string, unknown>>()).map((row) => [
        row["sale_no"],
        row["net_eur"],
        row["_rank"],
        row["_deleted"],
      ]),
    ).toEqual([
      [1, "1.5", 7, false],
      [1, "9", 7, false],
      [2, "2.5", 8, false],
      [2, "2.5", 8, false],
      [2, "2.5", 8, true],
    ]);
    await source.close();
  });

  it("compares, widens and keeps columns that begin with _", async () => {
    await sql(`CREATE TABLE ranks (id int PRIMARY KEY, _rank int, v smallint, at timestamptz);
      INSERT INTO ranks VALUES (1, 10, 1, '2024-01-01'), (2, 20, 2, NULL)`);
    const source = open({ ranks: { cursor: "at" } }, { schemaPolicy: "evolve" });
    const target = bronze();
    await target.take(source, await tableOf(source));
    await sql("UPDATE ranks SET _rank = 21 WHERE id = 2");
    expect(await target.take(source, await tableOf(source))).toMatchObject({ added: 1 });
    expect(target.warnings).toEqual([]);
    await sql("ALTER TABLE ranks ALTER v TYPE bigint; INSERT INTO ranks VALUES (3, 30, 3, '2024-02-01')");
    await target.take(source, await tableOf(source));
    const rows = await target.rows<{ id: number; _rank: number }>();
    expect(rows.map(({ id, _rank }) => [id, _rank])).toEqual([
      [1, 10],
      [2, 20],
      [2, 21],
      [3, 30],
    ]);
    for (const schemaPolicy of ["fail", "freeze"]) {
      const strict = open({ ranks: { cursor: "at" } }, { schemaPolicy });
      expect(await target.take(strict, await tableOf(strict))).toMatchObject({ added: 0 });
      await strict.close();
    }
    await source.close();
  });

  it("gives columns of the platform's names a stand-in", async () => {
    await sql(`CREATE TABLE marks (id int, _ingested_at text, _source text, _deleted text, _file text);
      INSERT INTO marks VALUES (1, 'i', 's', 'd', 'f')`);
    const source = open({ marks: {} });
    const target = bronze();
    await target.take(source, await tableOf(source));
    expect(await target.rows()).toEqual([
      { id: 1, source_ingested_at: "i", source_source: "s", source_deleted: "d", source_file: "f" },
    ]);
    await source.close();
  });

  it("names both columns that would have one name, and reads the other tables", async () => {
    await sql('CREATE TABLE twins ("a b" int, a_b int); CREATE TABLE alone (id int)');
    const source = open({ twins: {}, alone: {} });
    const warnings: string[] = [];
    const tables = await tablesOf(source, warnings);
    expect(tables.map(({ name }) => name)).toEqual(["alone", "twins"]);
    expect(warnings.join()).toContain('"a b" and "a_b" would both be a_b');
    const [, twins] = tables;
    await expect(bronze().take(source, twins as SourceTable)).rejects.toThrow('"a b" and "a_b"');
    const mended = open({ twins: { rename: { "a b": "spaced" } } });
    expect((await tableOf(mended)).columns.map(({ name }) => name)).toEqual(["spaced", "a_b"]);
    await source.close();
    await mended.close();
  });

  it("leaves tables of * out whose names cannot be kept, and reads them under a name of their own", async () => {
    await sql(`CREATE SCHEMA odd; CREATE TABLE odd.plain (id int); CREATE TABLE odd."Order Lines" (id int); CREATE TABLE odd."größe" (id int);
      CREATE TABLE odd.secret (id int); INSERT INTO odd."Order Lines" VALUES (4)`);
    const warnings: string[] = [];
    const all = open({ "*": {} }, { schema: "odd", exclude: "secret" });
    expect((await tablesOf(all, warnings)).map(({ name }) => name)).toEqual(["plain"]);
    expect(warnings).toEqual([
      expect.stringMatching(/left out.*"Order Lines", "größe".*from: "Order Lines"/),
    ]);
    const named = open({ "*": {}, order_lines: { from: "Order Lines" } }, { schema: "odd" });
    const tables = await tablesOf(named);
    expect(tables.map(({ name }) => name)).toEqual(["order_lines", "plain", "secret"]);
    const target = bronze();
    await target.take(named, tables[0] as SourceTable);
    expect(await target.rows()).toEqual([{ id: 4 }]);
    expect(() => schema.parse({ url: pg.url, tables: { "Order Lines": {} } })).toThrow(/from/);
    await all.close();
    await named.close();
  });

  it("takes names that every object has as data", async () => {
    await sql(`CREATE TYPE "valueOf" AS ENUM ('x'); CREATE TABLE "constructor" (id int PRIMARY KEY, "constructor" "valueOf", "toString" text, "__proto__" int);
      INSERT INTO "constructor" VALUES (1, 'x', 't', 5)`);
    const source = open({ "*": {} });
    const table = (await tablesOf(source)).find(({ name }) => name === "constructor");
    const target = bronze();
    await target.take(source, table as SourceTable);
    const { from } = await target.state();
    const [row] = await engine.engine.rows<{ found: string[] }>(
      `SELECT [\`constructor\`, \`toString\`, toString(\`__proto__\`)] AS found FROM ${from}`,
    );
    expect(row?.found).toEqual(["x", "t", "5"]);
    await source.close();
  });

  it("leaves columns out before anything is read of them", async () => {
    await sql("CREATE TABLE people (id int PRIMARY KEY, mail text, town text)");
    const source = open({ people: { exclude: ["mail"], rename: { town: "city" } } });
    expect((await tableOf(source)).columns.map(({ name }) => name)).toEqual(["id", "city"]);
    await expect(tablesOf(open({ people: { exclude: "mial" } }))).rejects.toThrow(/no column mial.*exclude/);
    await expect(tablesOf(open({ people: { exclude: "id" } }))).rejects.toThrow(/exclude leaves out id/);
    await source.close();
  });
});
