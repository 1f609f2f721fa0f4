import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeRows } from "../../../src/cli/terminal/rows.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { openEngine } from "../../../src/engine/open.ts";
import { Capture, testContext } from "../terminal.ts";

let engine: Engine;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "shoplake-rows-"));
  const config = { kind: "embedded", memoryBytes: 1_000_000_000, threads: 2, slots: 4 } as const;
  engine = await openEngine({ stateDir: dir, config, env: process.env });
});
afterAll(async () => {
  await engine?.close();
  rmSync(dir, { recursive: true, force: true });
});

async function written(sql: string, format: string, stdout = new Capture()): Promise<string> {
  const context = testContext({}, { stdout });
  await writeRows(context, engine, { sql, options: {}, format });
  return stdout.text + context.stderr.text;
}

const oneOfEach =
  "SELECT 9007199254740993 AS big, toDecimal64('0.10', 2) AS price, 'a\\nb' AS name, NULL AS nothing, [1, 2] AS list";

describe("formats", () => {
  test("table: exact numbers on the right, control characters visible", async () => {
    expect(await written(oneOfEach, "table")).toBe(
      [
        "             big  price  name  nothing  list",
        "9007199254740993   0.10  a\\nb  NULL     [1,2]",
        "",
      ].join("\n"),
    );
  });

  test("json: one document, no number is rounded", async () => {
    expect(JSON.parse(await written(oneOfEach, "json"))).toEqual([
      { big: "9007199254740993", price: "0.10", name: "a\nb", nothing: null, list: [1, 2] },
    ]);
    expect(JSON.parse(await written("SELECT 1 AS a WHERE 0", "json"))).toEqual([]);
  });

  test("csv, ndjson and ClickHouse's own names", async () => {
    expect(await written("SELECT 1 AS a, 'x' AS b", "csv")).toBe('"a","b"\n1,"x"\n');
    expect(await written("SELECT number AS a FROM numbers(2)", "ndjson")).toBe('{"a":"0"}\n{"a":"1"}\n');
    expect(await written("SELECT 1 AS a", "TSVRaw")).toBe("1\n");
  });

  test("a table of a million rows shows the first thousand and says so", async () => {
    const text = await written("SELECT number FROM numbers(1000000)", "table");
    expect(text.split("\n")).toHaveLength(1003);
    expect(text).toContain("only the first 1,000 rows are shown");
  });

  test("a table fits the terminal", async () => {
    const text = await written(
      "SELECT repeat('x', 200) AS a, 1 AS b",
      "table",
      new Capture({ isTTY: true, columns: 40 }),
    );
    for (const line of text.trimEnd().split("\n")) expect(line.length).toBeLessThanOrEqual(40);
  });

  test("wrong SQL is an error of the engine, in every format", async () => {
    for (const format of ["table", "json", "csv"])
      await expect(written("SELECT nonsense", format)).rejects.toMatchObject({ code: "engine" });
  });

  test("an unknown format is refused", async () => {
    await expect(written("SELECT 1", "exel")).rejects.toMatchObject({ name: "ShoplakeError" });
  });

  test("an error in the middle of a result is not taken for its end", async () => {
    const sql = "SELECT throwIf(number = 300000) FROM numbers(1000000) SETTINGS max_block_size = 1000";
    await expect(written(sql, "csv")).rejects.toMatchObject({ name: "ShoplakeError" });
  });
});
