/** `shoplake generate` into folders, and what a person sees of it; into PostgreSQL: test/generator. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "../../src/cli/program.ts";
import { showLoad } from "../../src/cli/terminal/load-progress.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { Capture, SimulatedTerminal, testContext } from "./terminal.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "shoplake-generate-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** The clock stands at 2026-01-02. */
async function generate(...options: string[]) {
  const context = testContext({}, { cwd: dir });
  try {
    await runProgram(context, ["generate", ...options]);
    return { stdout: context.stdout.text, stderr: context.stderr.text };
  } catch (error) {
    if (!(error instanceof ShoplakeError)) throw error;
    return { code: error.code, message: error.message, ...error.details };
  }
}

describe("into files", () => {
  const small = ["--out", "shop", "--scale", "0.0005", "--months", "6"];

  test("a shop through yesterday, its next days, and what is known about it", async () => {
    const first = await generate(...small);
    expect(first.stderr).toMatch(/^ {2}customers {2}\d+ rows, 0\.0 s\n/);
    expect(first.stderr).toMatch(/\nloaded \d+ customers, .* inventory transactions?, through 2026-01-01\n$/);
    const again = await generate(...small);
    expect(again.stderr).toBe("the shop is there already, through 2026-01-01\n");
    const day = await generate("--out", "shop", "--day", "2026-01-02", "--truth", "truth.json", "--json");
    expect(JSON.parse(day.stdout ?? "")).toMatchObject({
      summary: expect.stringMatching(/^wrote \d+ customers?, .* of 2026-01-02$/),
      through: "2026-01-02",
    });
    const truth = JSON.parse(readFileSync(join(dir, "truth.json"), "utf8"));
    expect(truth).toMatchObject({
      options: { seed: 1, scale: 0.0005, first: "2025-07-02", faults: 2, files: true },
      through: "2026-01-02",
      rows: { products: expect.any(Number) },
      kpis: expect.any(Object),
    });
    expect(truth.faults).toContainEqual({
      table: "orders",
      id: expect.any(Number),
      fault: expect.any(String),
    });
    const earlier = await generate("--out", "shop", "--day", "2026-01-01");
    expect(earlier.stderr).toBe("2026-01-01 is there already: the shop goes through 2026-01-02\n");
  });

  test("errors say what is there, what is allowed and what to do", async () => {
    expect(await generate("--out", "shop", "--day", "2026-01-05")).toMatchObject({
      code: "usage",
      message: "the shop goes through 2026-01-02: 2026-01-05 is not its next day",
      allowed: "--day 2026-01-03",
    });
    expect(await generate("--out", "shop", "--seed", "7", "--scale", "1")).toMatchObject({
      message:
        "there is another shop already, with the seed 1 instead of 7, the scale 0.0005 instead of 1; nothing was changed",
    });
    expect(await generate("--out", "shop", "--until", "2026-02-01", "--months", "7")).toMatchObject({
      message: expect.stringMatching(
        /with the last day 2026-01-02 instead of 2026-02-01; nothing was changed$/,
      ),
      hint: "bring it on: shoplake generate --day 2026-01-03",
    });
    expect(await generate("--out", "shop", "--format", "jsonl")).toMatchObject({
      message: "the shop that is there is written as csv, not jsonl",
    });
    expect(await generate("--out", "none", "--day", "2026-01-05")).toMatchObject({
      message: "there is no shop yet that could be brought on",
      hint: expect.stringMatching(/shoplake generate --out/),
    });
    expect(await generate("--day", "2026-01-05", "--until", "2026-01-05")).toMatchObject({
      message: "--day and --until are given together",
    });
    expect(await generate("--format", "csv")).toMatchObject({ message: "--format is for files" });
    expect(await generate("--scale", "big")).toMatchObject({ message: '--scale is "big"' });
    expect(await generate("--out", "x", "--until", "2026-02-30")).toMatchObject({
      message: '"2026-02-30" is no day',
    });
    expect(await generate()).toMatchObject({
      message: "the environment variable SHOP_DATABASE_URL is not set",
      hint: expect.stringContaining("--out <dir>"),
    });
  });
});

describe("progress", () => {
  const expected = { customers: 1000, orders: 5000 };

  test("on a terminal: a bar per table, with rows and speed", () => {
    const stderr = new SimulatedTerminal({ columns: 100, rows: 24 });
    const context = testContext({}, { stderr });
    const view = showLoad(context, expected);
    context.tick(500);
    view.onProgress({ table: "customers", rows: 1000 });
    context.tick(1000);
    view.onProgress({ table: "orders", rows: 2500 });
    expect(stderr.shown().slice(0, 2)).toEqual([
      "  customers               ████████████████████  1,000 rows · 667 rows/s · 1.5 s",
      "  orders                  ██████████░░░░░░░░░░  2,500 rows · 0.0 s",
    ]);
    context.tick(2000);
    view.onProgress({ table: "orders", rows: 4990 });
    view.done();
    view.close();
    expect(stderr.shown()[1]).toBe(
      "  orders                  ████████████████████  4,990 rows · 2,495 rows/s · 2.0 s",
    );
    expect(stderr.cursorHidden).toBe(false);
  });

  test("elsewhere: a line per table when it is done; nothing with --quiet and --json", () => {
    const lines = (flags: object) => {
      const stderr = new Capture();
      const context = testContext(flags, { stderr });
      const view = showLoad(context, expected);
      view.onProgress({ table: "customers", rows: 500 });
      context.tick(1500);
      view.onProgress({ table: "customers", rows: 1000 });
      view.onProgress({ table: "orders", rows: 1 });
      view.done();
      view.close();
      return stderr.text;
    };
    expect(lines({})).toBe("  customers  1,000 rows, 1.5 s\n  orders  1 row, 0.0 s\n");
    expect(lines({ quiet: true })).toBe("");
    expect(lines({ json: true })).toBe("");
  });
});
