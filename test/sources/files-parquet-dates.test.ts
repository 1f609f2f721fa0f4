/** Dates that Parquet can hold and the engine cannot. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FilesTableConfig } from "../../src/sources/files/options.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { type Inbox, newInbox } from "./files-harness.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

/** Days since 1970, as the file says them, and the dates that they are. */
const dates = [
  [2_932_896, "9999-12-31"],
  [-719_162, "0001-01-01"],
  [120_530, "2300-01-01"],
  [120_531, "2300-01-02"],
  [-25_567, "1900-01-01"],
  [-25_568, "1899-12-31"],
  [-141_427, "1582-10-15"],
  [19_782, "2024-02-29"],
] as const;

/** A Parquet file with these dates: the engine cannot write them, so others are written, and their bytes are changed. */
async function put(inbox: Inbox, name: string): Promise<void> {
  const path = join(inbox.dir, "inbox", name);
  const standIn = (i: number) => 40_000 + 7 * i;
  await t.engine.command(
    `INSERT INTO FUNCTION file('${path}', 'Parquet')
     SELECT (number + 1)::Int32 AS id, if(number = ${dates.length}, NULL, addDays(toDate32('1970-01-01'), ${standIn(0)} + 7 * number)) AS day
     FROM numbers(${dates.length + 1})`,
    {
      settings: {
        output_format_parquet_compression_method: "none",
        output_format_parquet_max_dictionary_size: 0,
        output_format_parquet_write_checksums: 0,
        output_format_parquet_write_bloom_filter: 0,
      },
    },
  );
  const bytes = readFileSync(path);
  for (const [i, [days]] of dates.entries()) {
    const wanted = Buffer.alloc(4);
    wanted.writeInt32LE(standIn(i));
    for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted)) bytes.writeInt32LE(days, at);
  }
  inbox.put(`inbox/${name}`, bytes);
}

async function load(types: FilesTableConfig["types"]) {
  const inbox = newInbox(t, { format: "parquet", types, key: ["id"] });
  await t.engine.command(
    `INSERT INTO FUNCTION file('${join(inbox.dir, "inbox/z.parquet")}', 'Parquet') SELECT 77::Int32 AS id, toDate32('2024-05-06') AS day`,
  );
  await put(inbox, "a.parquet");
  const taken = await inbox.take();
  const rows = await inbox.bronze.rows<{ id: number; day: string | null }>();
  return { taken, days: Object.fromEntries(rows.map(({ id, day }) => [id, day])) };
}

it("are rejects, record by record, and all others are taken", async () => {
  const { taken, days } = await load({});
  expect(taken).toEqual({ added: 5, rejected: 5, extracts: 1 });
  expect(days).toEqual({
    3: "2300-01-01",
    5: "1900-01-01",
    8: "2024-02-29",
    9: null,
    77: "2024-05-06",
  });
});

it("are kept where they are declared as text", async () => {
  const { taken, days } = await load({ day: "Nullable(String)" });
  expect(taken).toEqual({ added: 10, rejected: 0, extracts: 1 });
  expect(days).toEqual({
    ...Object.fromEntries(dates.map(([, date], i) => [i + 1, date])),
    9: null,
    77: "2024-05-06",
  });
});

it("say column, value and key", async () => {
  const inbox = newInbox(t, { format: "parquet", key: ["id"] });
  await put(inbox, "a.parquet");
  const rejected: unknown[] = [];
  await inbox.bronze.take(inbox.source, await inbox.table(), async (extract) => {
    rejected.push(...extract.rejected);
    return 0;
  });
  expect(rejected[0]).toEqual({
    sourceRef: "inbox/a.parquet:1",
    rule: "invalid_day",
    reason:
      "day is 9999-12-31: a date holds 1900 to 2299. Declare the column as Nullable(String) in `types` to keep it as text.",
    raw: '{"id":"1","day":"9999-12-31"}',
    key: "id=1",
  });
});
