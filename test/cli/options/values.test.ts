import { describe, expect, test } from "vitest";
import { planOptions } from "../../../src/cli/options/plan-options.ts";
import { assignment, integer, time } from "../../../src/cli/options/values.ts";

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

  test("an interval needs both ends, in order", () => {
    expect(planOptions([], {})).toEqual({ select: [], fullRefresh: false });
    expect(() => planOptions([], { intervalStart: "2026-01-01" })).toThrow("needs a start and an end");
    const same = { intervalStart: "2026-01-01", intervalEnd: "2026-01-01" };
    expect(() => planOptions([], same)).toThrow("is empty");
  });
});
