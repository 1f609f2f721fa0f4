import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { diskSpace, isAlive, nodeVersion } from "../../src/app/doctor.ts";
import { findProject } from "../../src/cli/open.ts";
import { planOptions } from "../../src/cli/plan-options.ts";
import { assignment, integer, named, time } from "../../src/cli/values.ts";
import { testContext } from "./terminal.ts";

const dir = mkdtempSync(join(tmpdir(), "shoplake-values-"));
afterAll(() => rmSync(dir, { recursive: true }));

describe("option values", () => {
  test("integer", () => {
    expect(integer("--limit", 1)("20")).toBe(20);
    for (const wrong of ["0", "-1", "1.5", "x", "", "1e3"])
      expect(() => integer("--limit", 1)(wrong), wrong).toThrow(`--limit is "${wrong}"`);
  });

  test("assignment collects, and keeps = in values", () => {
    const parse = assignment("--param");
    expect(parse("b=2=3", parse("a=1", undefined))).toEqual({ a: "1", b: "2=3" });
    expect(() => parse("novalue", undefined)).toThrow('--param is "novalue"');
  });

  test("time", () => {
    expect(time("--interval-start")("2026-01-31")).toBe("2026-01-31");
    expect(time("--interval-start")("2026-01-31T12:00:00Z")).toBe("2026-01-31T12:00:00Z");
    for (const wrong of ["2026-13-01", "yesterday", "01.02.2026"])
      expect(() => time("--interval-start")(wrong), wrong).toThrow("--interval-start is");
  });

  test("named lists what there is, at most twenty", () => {
    const known = new Map(Array.from({ length: 30 }, (_, index) => [`query_${index}`, index]));
    expect(named("query", "query_7", known)).toBe(7);
    expect(() => named("query", "qery_7", known)).toThrow(
      expect.objectContaining({
        message: 'there is no query "qery_7"',
        details: expect.objectContaining({
          hint: "did you mean query_7?",
          allowed: expect.stringMatching(/ and 10 more$/),
        }),
      }),
    );
  });

  test("an interval needs both ends, in order", () => {
    expect(planOptions([], {})).toEqual({ select: [], fullRefresh: false });
    expect(() => planOptions([], { intervalStart: "2026-01-01" })).toThrow("needs a start and an end");
    const same = { intervalStart: "2026-01-01", intervalEnd: "2026-01-01" };
    expect(() => planOptions([], same)).toThrow("is empty");
  });
});

describe("the project a command is about", () => {
  test("is looked for upwards, or named", () => {
    mkdirSync(join(dir, "shop/models/silver"), { recursive: true });
    writeFileSync(join(dir, "shop/shoplake.config.ts"), "");
    expect(findProject(testContext({}, { cwd: join(dir, "shop/models/silver") }))).toBe(join(dir, "shop"));
    expect(findProject(testContext({ project: "shop" }, { cwd: dir }))).toBe(join(dir, "shop"));
  });

  test("says what to do when there is none", () => {
    expect(() => findProject(testContext({}, { cwd: dir }))).toThrow("there is no project here");
    expect(() => findProject(testContext({ project: "nowhere" }, { cwd: dir }))).toThrow(
      "holds no shoplake.config.ts",
    );
  });
});

describe("doctor", () => {
  test("node", () => {
    expect(
      ["18.20.0", "20.18.3", "20.19.0", "22.1.0", "24.0.0"].map((version) => nodeVersion(version).verdict),
    ).toEqual(["fail", "fail", "ok", "ok", "ok"]);
  });

  test("disk: also of a folder that does not exist yet", async () => {
    expect((await diskSpace(join(dir, "not/yet"))).message).toMatch(/ free at /);
  });

  test("processes", () => {
    expect(isAlive(process.pid)).toBe(true);
    expect(isAlive(2 ** 30)).toBe(false);
  });
});
