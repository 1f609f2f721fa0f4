/** `shoplake reload`: a source from the start, a delivery anew, with everything that is published staying until then. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { reloadOptions } from "../../src/app/reload.ts";
import { openShop, type TestShop } from "../pipeline/shop.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";

const postgres = await testPostgres();
const url = JSON.stringify(postgres?.url);

const newest = (columns: string) => `/*
key: id
newest_by: at
*/
SELECT ${columns} FROM bronze.shop_t`;

describe.skipIf(postgres === undefined)("reload", () => {
  const pg = postgres as TestPostgres;
  const sql = (text: string) => pg.client.query(text);
  let shop: TestShop;

  afterEach(() => shop?.stop());
  afterAll(() => pg.stop());

  const open = (options: string, rest: Readonly<Record<string, string>> = {}) =>
    openShop({
      "shoplake.config.ts": `import { defineProject, files, postgres } from "shoplake";
export default defineProject({
  name: "reload", retries: { attempts: 1, delayMs: 10 },
  sources: {
    shop: postgres({ url: ${url}, retries: 0, tables: { t: ${options} } }),
    feed: files({ path: "inbox/*.csv", format: "csv", table: "lines" }),
  },
  sinks: {
    out: postgres({ url: ${url}, retries: 0, schema: "out" }),
    disk: files({ directory: "disk", format: "csv" }),
  },
});`,
      "models/gold/t.sql": newest("id, v, at"),
      "inbox/a.csv": "id\n1\n2\n",
      ...rest,
    });
  const reload = async (...names: readonly string[]) =>
    shop.run(reloadOptions(shop.project.catalogue, names));
  const values = async (column: string, dataset: string) =>
    (
      await shop.project.host.engine.rows<{ x: string }>(
        `SELECT toString(${column}) AS x FROM ${dataset} ORDER BY x`,
      )
    ).map(({ x }) => x);

  it("takes a corrected row of the future out, and what follows from it", async () => {
    await sql(`DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v text, at timestamptz);
      INSERT INTO t VALUES (1, 'a', '2024-01-01'), (2, 'b', '2024-01-02'), (3, 'typo', '2099-01-01')`);
    shop = await open('{ cursor: "at" }');
    expect((await shop.run()).state).toBe("success");
    await sql(
      "UPDATE t SET v = 'a2', at = '2024-06-01' WHERE id = 1; INSERT INTO t VALUES (4, 'new', '2024-06-02')",
    );
    expect((await shop.run()).state).toBe("success");
    expect(await shop.rows("bronze.shop_t")).toHaveLength(5);
    await sql("UPDATE t SET v = 'right', at = '2024-06-03' WHERE id = 3");
    await shop.run();
    expect(await shop.rows("bronze.shop_t")).toHaveLength(6);
    const report = await reload("bronze.shop_t");
    expect(report.tasks).toMatchObject([{ dataset: "bronze.shop_t", state: "success", action: "extract" }]);
    expect(await shop.rows("bronze.shop_t")).toHaveLength(4);
    expect((await shop.run()).state).toBe("success");
    expect(await values("v", "gold.t")).toEqual(["a2", "b", "new", "right"]);
    await sql("INSERT INTO t VALUES (5, 'next', '2024-06-04')");
    await shop.run();
    expect(await shop.rows("bronze.shop_t")).toHaveLength(5);
    await sql("DELETE FROM t WHERE id = 5");
    await reload("bronze.shop_t");
    expect(await shop.rows("bronze.shop_t")).toHaveLength(4);
  });

  it("takes over a cursor of another type, and keeps the old rows when the source breaks", async () => {
    await sql(`DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v text, at timestamp);
      INSERT INTO t VALUES (1, 'a', '2024-01-01'), (2, 'b', '2024-01-02')`);
    shop = await open('{ cursor: "at", detectDeletes: true }');
    expect((await shop.run()).state).toBe("success");
    await sql("ALTER TABLE t ALTER at TYPE timestamptz; INSERT INTO t VALUES (3, 'c', 'infinity')");
    expect((await shop.run({ select: ["bronze"] })).tasks.map(({ error }) => error?.hint).join()).toContain(
      "shoplake reload bronze.shop_t",
    );
    expect((await reload("bronze.shop_t")).state).toBe("failed");
    expect(await values("id", "bronze.shop_t")).toEqual(["1", "2"]);
    await sql("UPDATE t SET at = '2024-01-03' WHERE id = 3");
    expect((await reload("bronze.shop_t")).state).toBe("success");
    expect(await values("id", "bronze.shop_t")).toEqual(["1", "2", "3"]);
    await sql("INSERT INTO t VALUES (4, 'd', '2024-01-04'); DELETE FROM t WHERE id = 1");
    expect((await shop.run()).state).toBe("success");
    expect(await shop.rows("bronze.shop_t")).toHaveLength(5);
  });

  it("keeps every equal row of a table without a key, run after run", async () => {
    await sql(`DROP TABLE IF EXISTS t; CREATE TABLE t (id int, v text, at timestamptz);
      INSERT INTO t VALUES (1, 'a', '2024-01-01'), (1, 'a', '2024-01-01')`);
    shop = await open('{ cursor: "at" }', { "models/gold/t.sql": "SELECT id, v, at FROM bronze.shop_t" });
    for (const rows of [2, 3, 4]) {
      await shop.run();
      expect(await shop.rows("bronze.shop_t")).toHaveLength(rows);
      await sql("INSERT INTO t VALUES (1, 'a', '2024-01-01')");
    }
    await shop.run();
    const report = await shop.run();
    expect(report.tasks.find(({ dataset }) => dataset === "bronze.shop_t")?.counts.published).toBe(0);
    expect(await shop.rows("bronze.shop_t")).toHaveLength(5);
  });

  it("reads files once more, each in the place of its old rows; rows of a file that is gone stay", async () => {
    await sql("DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v text, at timestamptz)");
    shop = await open("{}", { "inbox/b.csv": "id\n3\n" });
    await shop.run({ select: ["bronze"] });
    await rm(join(shop.dir, "inbox/b.csv"));
    const report = await reload("bronze.feed_lines");
    expect(report.tasks).toMatchObject([{ state: "success", counts: { read: 2, published: 2 } }]);
    expect(await values("id", "bronze.feed_lines")).toEqual(["1", "2", "3"]);
  });

  it("delivers all rows anew, over what somebody changed at the target", async () => {
    await sql(`DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v text, at timestamptz);
      INSERT INTO t VALUES (1, 'a', '2024-01-01'); DROP SCHEMA IF EXISTS out CASCADE`);
    shop = await open("{}");
    await shop.run();
    await sql("UPDATE out.t SET v = 'by hand'");
    await rm(join(shop.dir, "disk/gold.t.csv"));
    await shop.put("disk/gold.t.csv", "by hand");
    const report = await reload("out:gold.t", "disk:gold.t");
    expect(report.tasks.map(({ action, state }) => [action, state])).toEqual([
      ["deliver", "success"],
      ["deliver", "success"],
    ]);
    expect((await sql("SELECT v FROM out.t")).rows).toEqual([{ v: "a" }]);
  });

  it("refuses what no source or sink can reload", async () => {
    await sql("DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v text, at timestamptz)");
    shop = await open("{}");
    await expect(reload("gold.t")).rejects.toMatchObject({
      code: "usage",
      details: { hint: "shoplake run gold.t --full-refresh" },
    });
    await expect(reload("bronze.shop_x")).rejects.toMatchObject({
      details: { hint: "did you mean bronze.shop_t?" },
    });
  });
});
