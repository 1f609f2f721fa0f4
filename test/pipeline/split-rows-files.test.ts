/** Staging from Parquet files of text, as bronze has them: the engine may move conditions into the reading of the file. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { text } from "../../src/engine/sql.ts";
import { reconciled, rejectedRows, splitRows } from "../../src/pipeline/model/split-rows.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { model, textRows } from "../quality/helpers.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

const types = {
  id: "UInt64",
  at: "DateTime",
  total: "Decimal(18, 2)",
  day: "Nullable(Date)",
  _deleted: "Bool",
};
const reject = { negative: "total < 0" };

/** Orders 1 to 20; as many of the first as asked for come again later, some are deleted then, some are broken. */
function orders(doubled: number, deleted: number, broken: number): Record<string, string>[] {
  const order = (id: number, at: string, total: string, gone = "false") => ({
    id: `${id}`,
    at: `2024-01-0${at} 10:00:00`,
    total,
    day: `2024-01-0${at}`,
    note: "n",
    _deleted: gone,
  });
  const ids = Array.from({ length: 20 }, (_, index) => index + 1);
  return [
    ...ids.map((id) => order(id, "1", "1.50")),
    ...ids.slice(0, doubled).map((id) => order(id, "2", "2.50", id <= deleted ? "true" : "false")),
    ...ids.slice(0, broken).map((id) => order(100 + id, "3", id % 2 === 0 ? "-1" : "x")),
  ];
}

describe.each([
  ["", "all rows"],
  [" WHERE toUInt64OrNull(trimBoth(toString(id), ' \\t\\r\\n')) > 0", "a condition on what is cast"],
])("%s %s", (condition) => {
  test.each([
    [0, 0, 0],
    [0, 0, 3],
    [2, 0, 0],
    [2, 0, 3],
    [2, 1, 0],
    [2, 1, 3],
    [15, 0, 3],
    [15, 2, 3],
  ])("%i doubled, %i deleted, %i broken", async (doubled, deleted, broken) => {
    const file = join(t.dir, `orders-${doubled}-${deleted}-${broken}.parquet`);
    const rows = orders(doubled, deleted, broken);
    await t.engine.command(
      `INSERT INTO FUNCTION file(${text(file)}, 'Parquet') SELECT * FROM ${textRows(rows, ["id", "at", "total", "day", "note", "_deleted"])} SETTINGS engine_file_truncate_on_insert = 1`,
    );
    const sql = `SELECT * FROM file(${text(file)}, 'Parquet')${condition}`;
    const of = await model(t.engine, { sql, types, reject, key: ["id"], newestBy: ["at"] });
    const split = await splitRows(t.engine, of);
    const published = await t.engine.rows(`SELECT id, total FROM (${split.select}) ORDER BY id`);
    const bad = rejectedRows(split, published.length);
    const rejects =
      bad === undefined ? [] : await t.engine.rows(`SELECT 1 FROM (${bad.select}) WHERE _reject != ''`);
    const counts = reconciled(of.dataset, split, { published: published.length, rejected: rejects.length });
    const expected = { read: 20 + doubled + broken, published: 20 - deleted, rejected: broken };
    expect(counts).toEqual({ ...expected, deduplicated: doubled + deleted });
    const ids = Array.from({ length: 20 - deleted }, (_, index) => index + deleted + 1);
    expect(published).toEqual(ids.map((id) => ({ id: `${id}`, total: id <= doubled ? "2.5" : "1.5" })));
  });
});
