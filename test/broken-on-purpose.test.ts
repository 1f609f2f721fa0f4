/** The list of breaks must not rot, and the script that works through it must tell what is caught from what is not. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("..", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "shoplake-breaks-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface List {
  readonly invariants: Readonly<Record<string, string>>;
  readonly breaks: readonly { readonly invariant: number }[];
}

function script(...args: string[]): { readonly code: number | null; readonly stdout: string } {
  const file = join(root, "scripts/broken-on-purpose.mjs");
  const { status, stdout } = spawnSync(process.execPath, [file, ...args], { encoding: "utf8" });
  return { code: status, stdout };
}

/** Another list, as the script takes it. */
function listOf(...breaks: readonly object[]): string[] {
  const file = join(dir, "list.json");
  writeFileSync(file, JSON.stringify({ invariants: { 4: "counts reconcile" }, breaks }));
  return ["--breaks", relative(root, file)];
}

const score = {
  invariant: 4,
  break: "scores are wrong",
  file: "src/quality/score.ts",
  test: "test/quality/score.test.ts",
};

test("every text of the list stands once in its file, every test is there", () => {
  expect(script("--check")).toEqual({ code: 0, stdout: "" });
});

test("every invariant has at least three breaks", () => {
  const { invariants, breaks } = parse(
    readFileSync(join(root, "test/broken-on-purpose.yaml"), "utf8"),
  ) as List;
  expect(Object.keys(invariants)).toHaveLength(13);
  for (const number of Object.keys(invariants))
    expect([number, breaks.filter(({ invariant }) => String(invariant) === number).length >= 3]).toEqual([
      number,
      true,
    ]);
});

test("a text, a test file, a test name that are gone are told", () => {
  const gone = { ...score, find: "no such text", replace: "", name: "no such test" };
  expect(
    script("--check", ...listOf(gone, { ...gone, file: "src/x.ts" }, { ...gone, test: "test/x.ts" })),
  ).toEqual({
    code: 1,
    stdout: `4.1 its text stands 0 times in src/quality/score.ts, it must stand there once
4.1 test/quality/score.test.ts has no test "no such test"
4.2 src/x.ts is gone
4.3 its text stands 0 times in src/quality/score.ts, it must stand there once
4.3 test/x.ts is gone
`,
  });
});

test("caught is what makes an assertion fail; nothing else counts", () => {
  const green = {
    ...score,
    find: 'badge: failed ? "red" : badgeOf(score)',
    replace: "badge: badgeOf(score)",
  };
  const same = { ...score, find: "score >= 0.8 ?", replace: "score >= 0.80 ?" };
  const throws = { ...score, find: 'return "none";', replace: 'throw new Error("boom");' };
  const nonsense = { ...score, find: 'return "none";', replace: "return nowhere;" };
  const gone = { ...score, find: "no such text", replace: "" };
  const { code, stdout } = script(...listOf(green, same, throws, nonsense, gone));
  expect(code).toBe(1);
  expect(stdout.split("\n").map((line) => line.replace(/ \| test\/.* \| /, " | ").slice(0, 90))).toEqual([
    "| invariant | break | test | caught? |",
    "|---|---|---|---|",
    "| 4.1 | scores are wrong | yes |",
    "| 4.2 | scores are wrong | NO |",
    "| 4.3 | scores are wrong | NO |",
    "| 4.4 | scores are wrong | NO |",
    "| 4.5 | scores are wrong | NO |",
    "",
    "4.2 scores are wrong",
    "  src/quality/score.ts: all tests pass",
    "",
    "4.3 scores are wrong",
    "  src/quality/score.ts: it fails, but not by an assertion: boom",
    "",
    "4.4 scores are wrong",
    expect.stringMatching(/^ {2}src\/quality\/score\.ts: it does not compile: .*/),
    "",
    "4.5 scores are wrong",
    "  src/quality/score.ts: its text stands 0 times in src/quality/score.ts, it must stand the",
    "",
    "1 of 5 breaks were caught",
    "",
  ]);
}, 240_000);
