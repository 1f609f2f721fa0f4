import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FilesSinkConfig } from "../../src/sinks/files/options.ts";
import { filesSink } from "../../src/sinks/files/sink.ts";
import type { SinkContext, SinkInput } from "../../src/sinks/sink.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await embeddedForTests();
});
afterAll(() => engine.stop());

const rowsOf = (n: number) =>
  `(SELECT toUInt64(18446744073709551615 - number) AS id, 'a,"b"\n' AS text, CAST(NULL AS Nullable(String)) AS nothing,
    '' AS empty, toDecimal64('1.50', 2) AS price, toDateTime64('2024-01-02 03:04:05.123456', 6, 'UTC') AS at FROM numbers(${n}))`;
const columns = ["id", "text", "nothing", "empty", "price", "at"].map((name) => ({ name, type: "" }));

function subject(format: FilesSinkConfig["format"], directory = `out-${crypto.randomUUID()}`) {
  const folder = join(engine.dir, directory);
  const context: SinkContext = {
    engine: engine.engine,
    spool: engine.dir,
    projectDir: engine.dir,
    signal: new AbortController().signal,
    warn: () => {},
  };
  const input = (version: number, n: number): SinkInput => ({
    dataset: "gold.sales",
    version,
    identity: `table, version ${version}`,
    from: rowsOf(n),
    columns,
    key: ["id"],
  });
  const sink = filesSink("reports", { directory, format });
  const path = join(folder, `gold.sales.${format}`);
  return {
    folder,
    path,
    text: () => readFileSync(path, "utf8"),
    names: () => readdirSync(folder).sort(),
    write: (version: number, n: number, rest: Partial<SinkInput> = {}) =>
      sink.write({ ...input(version, n), ...rest }, context),
  };
}

const unchanged = { inserted: 0, updated: 0, deleted: 0, unchanged: true };

describe("files sink", () => {
  it("writes CSV with a header, in the order of the key", async () => {
    const target = subject("csv");
    expect(await target.write(1, 2)).toEqual({ inserted: 2, updated: 0, deleted: 0, unchanged: false });
    const rest = '"a,""b""\n",,"",1.5,"2024-01-02 03:04:05.123456"\n';
    expect(target.text()).toBe(
      `"id","text","nothing","empty","price","at"\n18446744073709551614,${rest}18446744073709551615,${rest}`,
    );
    expect(target.names()).toEqual([".gold.sales.csv.version", "gold.sales.csv"]);
  });

  it("writes JSON lines with exact numbers", async () => {
    const target = subject("jsonl");
    await target.write(1, 1);
    expect(target.text()).toBe(
      '{"id":"18446744073709551615","text":"a,\\"b\\"\\n","nothing":null,"empty":"","price":"1.5","at":"2024-01-02 03:04:05.123456"}\n',
    );
  });

  it("writes Parquet that reads back, also without a row", async () => {
    const target = subject("parquet");
    for (const [version, n] of [
      [1, 3],
      [2, 0],
    ] as const) {
      await target.write(version, n);
      const [row] = await engine.engine.rows<{ n: string; type: string }>(
        `SELECT count() AS n, any(toTypeName(price)) AS type FROM file('${target.path}', 'Parquet')`,
      );
      expect(Number(row?.n)).toBe(n);
    }
  });

  it("writes the header of an empty dataset", async () => {
    const target = subject("csv");
    await target.write(1, 0);
    expect(target.text()).toBe('"id","text","nothing","empty","price","at"\n');
  });

  it("does nothing for the version that is there, and writes another one, also an older one", async () => {
    const target = subject("csv");
    await target.write(7, 2);
    const before = statSync(target.path).ino;
    expect(await target.write(7, 2)).toEqual(unchanged);
    expect(statSync(target.path).ino).toBe(before);
    expect(await target.write(8, 3)).toMatchObject({ inserted: 3, unchanged: false });
    expect(await target.write(7, 2)).toMatchObject({ inserted: 2, unchanged: false });
    expect(target.text().split("2024").length - 1).toBe(2);
  });

  it("writes a version number that comes back under another identity", async () => {
    const target = subject("csv");
    await target.write(1, 2, { identity: "table one" });
    expect(await target.write(1, 3, { identity: "table two" })).toMatchObject({ inserted: 3 });
    expect(await target.write(1, 3, { identity: "table two" })).toEqual(unchanged);
    const fewer = { identity: "table two", columns: columns.slice(0, 2) };
    expect(await target.write(1, 3, fewer)).toMatchObject({ unchanged: false });
    expect(target.text().split("\n")[0]).toBe('"id","text"');
  });

  it("writes again when the file was changed or removed by others", async () => {
    const target = subject("csv");
    await target.write(1, 2);
    const good = target.text();
    writeFileSync(target.path, "changed");
    expect(await target.write(1, 2)).toMatchObject({ unchanged: false });
    expect(target.text()).toBe(good);
    rmSync(target.path);
    expect(await target.write(1, 2)).toMatchObject({ unchanged: false });
    expect(target.text()).toBe(good);
  });

  it("writes again when a writer died between the file and the note about it", async () => {
    const target = subject("csv");
    await target.write(1, 1);
    const note = readFileSync(join(target.folder, ".gold.sales.csv.version"));
    await target.write(2, 2);
    writeFileSync(join(target.folder, ".gold.sales.csv.version"), note);
    expect(await target.write(1, 1)).toMatchObject({ inserted: 1, unchanged: false });
    expect(target.text().split("2024").length - 1).toBe(1);
  });

  it("leaves the old file as it is when the query fails in its middle, and nothing beside it", async () => {
    const target = subject("csv");
    await target.write(1, 2);
    const good = target.text();
    const from =
      "(SELECT throwIf(number = 900000) AS id, '' AS text, '' AS nothing, '' AS empty, '' AS price, '' AS at FROM numbers(1000000))";
    await expect(target.write(2, 0, { from, key: [] })).rejects.toMatchObject({ code: "engine" });
    expect(target.text()).toBe(good);
    expect(target.names()).toEqual([".gold.sales.csv.version", "gold.sales.csv"]);
    expect(await target.write(1, 2)).toEqual(unchanged);
  });

  it("removes what a dead writer left, but not what may be in use", async () => {
    const target = subject("csv");
    mkdirSync(target.folder);
    const old = join(target.folder, ".gold.sales.csv.dead.tmp");
    const young = join(target.folder, ".gold.sales.csv.alive.tmp");
    writeFileSync(old, "");
    writeFileSync(young, "");
    utimesSync(old, new Date(0), new Date(0));
    await target.write(1, 1);
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  });

  it("says what is wrong with the folder", async () => {
    writeFileSync(join(engine.dir, "a-file"), "");
    const target = subject("csv", "a-file");
    await expect(target.write(1, 1)).rejects.toMatchObject({
      code: "sink",
      details: { where: "gold.sales", hint: expect.stringContaining("directory") },
    });
  });
});
