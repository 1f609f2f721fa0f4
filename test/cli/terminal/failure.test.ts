import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  exitCodeOf,
  failureDocument,
  renderFailure,
  reportInternal,
} from "../../../src/cli/terminal/failure.ts";
import { ShoplakeError } from "../../../src/util/errors.ts";

const lines = (error: unknown) => renderFailure(failureDocument(error), false).join("\n");

test("one problem: what, where, what is allowed, what to do", async () => {
  const error = new ShoplakeError("model", 'unknown column "totl"', {
    where: "models/silver/orders.sql:12",
    allowed: "total, tax, discount",
    hint: 'did you mean "total"?',
  });
  await expect(lines(error)).toMatchFileSnapshot("../golden/cli/error-one.txt");
});

test("several problems: together, by file and line", async () => {
  const error = new ShoplakeError("config", "3 problems in the project", {
    problems: [
      {
        file: "shoplake.config.ts",
        line: 12,
        message: 'unknown key "sorces"',
        hint: 'did you mean "sources"?',
      },
      { file: "models/silver/orders.sql", line: 20, message: "unknown table silver.ordrs" },
      {
        file: "models/silver/orders.sql",
        line: 3,
        message: "unknown check type uniq",
        hint: 'did you mean "unique"?',
      },
      { message: "environment variable SHOP_DATABASE_URL is not set" },
    ],
  });
  await expect(lines(error)).toMatchFileSnapshot("../golden/cli/error-several.txt");
});

test("exit codes", () => {
  expect(exitCodeOf(new ShoplakeError("quality", "x"))).toBe(1);
  expect(exitCodeOf(new ShoplakeError("interrupted", "x"))).toBe(130);
  expect(exitCodeOf(new ShoplakeError("internal", "x"))).toBe(2);
  expect(exitCodeOf(new TypeError("x"))).toBe(2);
});

test("an internal error is one line; the stack and the causes are in the named file", () => {
  const folder = mkdtempSync(join(tmpdir(), "shoplake-crash-test-"));
  const error = new Error("first line\nsecond line", { cause: new Error("the cause") });
  const line = reportInternal(error, folder, { version: "1.2.3", at: new Date(0) });
  expect(line.split("\n")).toHaveLength(1);
  expect(line).not.toContain("second line");
  const file = join(folder, "shoplake-crash-1970-01-01T00-00-00-000Z.log");
  expect(line).toContain(file);
  const log = readFileSync(file, "utf8");
  expect(log).toContain("shoplake 1.2.3, node v");
  expect(log).toContain("failure.test.ts");
  expect(log).toContain("caused by Error: the cause");
  rmSync(folder, { recursive: true });
});
