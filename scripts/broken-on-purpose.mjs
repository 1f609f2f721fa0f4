// Breaks the product on purpose, one break after the other, and demands that a test notices each (npm run test:broken).
//   --list          prints the breaks
//   --check         only whether every text, test file and test name of the list is still there; fast
//   --only 4[,5.2]  only the breaks of invariant 4, and break 5.2; may be given several times
//   --breaks <file> another list than test/broken-on-purpose.yaml, relative to the checkout
// The work is done in a temporary copy of the checkout. A break counts as caught when a test that passes without it fails
// because of an assertion: a break that does not compile, a time-out or a missing service catches nothing.
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parse } from "yaml";

const root = fileURLToPath(new URL("..", import.meta.url));
const reporter = "test/broken-on-purpose-reporter.ts";
const reportFile = "broken-on-purpose.report.json";
/** Milliseconds for the tests of one break. */
const patience = 300_000;
/** Unused names and unreachable code: a break may leave them behind. */
const leftBehind = /TS(6133|6192|6196|6198|7027)\b/;

const { values: options } = parseArgs({
  options: {
    list: { type: "boolean" },
    check: { type: "boolean" },
    only: { type: "string", multiple: true },
    breaks: { type: "string", default: "test/broken-on-purpose.yaml" },
  },
});

/** Ends the program that runs now, with everything that it started. */
let endRunning = () => {};

process.exitCode = await main();

async function main() {
  const { invariants, breaks } = readList(join(root, options.breaks));
  const chosen = breaks.filter(({ number }) => isChosen(number));
  if (chosen.length === 0) process.stderr.write(`--only ${options.only}: there is no such break\n`);
  if (chosen.length === 0) return 1;
  if (options.list) return list(invariants, chosen);
  if (options.check) return check(chosen);
  const copy = mkdtempSync(join(tmpdir(), "shoplake-broken-"));
  process.on("exit", () => {
    endRunning();
    rmSync(copy, { recursive: true, force: true, maxRetries: 10 });
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));
  copyCheckout(copy);
  return await runAll(copy, chosen);
}

/** Each break with its number: the second of invariant 4 is "4.2". */
function readList(file) {
  const { invariants, breaks } = parse(readFileSync(file, "utf8"));
  const seen = new Map();
  const numbered = breaks.map((one) => {
    const nth = (seen.get(one.invariant) ?? 0) + 1;
    seen.set(one.invariant, nth);
    return { ...one, number: `${one.invariant}.${nth}` };
  });
  return { invariants, breaks: numbered };
}

function isChosen(number) {
  const wanted = options.only?.flatMap((text) => text.split(","));
  return wanted === undefined || wanted.some((one) => number === one || number.startsWith(`${one}.`));
}

function list(invariants, breaks) {
  for (const [invariant, sentence] of Object.entries(invariants)) {
    const own = breaks.filter((one) => String(one.invariant) === invariant);
    if (own.length > 0) process.stdout.write(`\n${invariant}. ${sentence}\n`);
    for (const { number, break: what, file, test } of own)
      process.stdout.write(`  ${number.padEnd(5)} ${what}\n        ${file} -> ${test}\n`);
  }
  return 0;
}

function check(breaks) {
  const lines = breaks.flatMap((one) => problemsOf(one).map((problem) => `${one.number} ${problem}`));
  for (const line of lines) process.stdout.write(`${line}\n`);
  return lines.length > 0 ? 1 : 0;
}

/** Why a break cannot be tried any more. */
function problemsOf({ file, find, replace, test, name }) {
  const source = existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : undefined;
  if (source === undefined) return [`${file} is gone`];
  const times = source.split(find).length - 1;
  const problems = times === 1 ? [] : [`its text stands ${times} times in ${file}, it must stand there once`];
  if (find === replace) problems.push("it changes nothing");
  if (!existsSync(join(root, test))) problems.push(`${test} is gone`);
  else if (name !== undefined && !readFileSync(join(root, test), "utf8").includes(name))
    problems.push(`${test} has no test "${name}"`);
  return problems;
}

function copyCheckout(copy) {
  const left = new Set([".git", "node_modules", "dist", ".shoplake", ".cache"]);
  for (const entry of readdirSync(root))
    if (!left.has(entry)) cpSync(join(root, entry), join(copy, entry), { recursive: true });
  mkdirSync(join(copy, "node_modules"));
  for (const entry of readdirSync(join(root, "node_modules")))
    if (entry !== ".vite") symlinkSync(join(root, "node_modules", entry), join(copy, "node_modules", entry));
}

async function runAll(copy, breaks) {
  const rotten = new Map(breaks.map((one) => [one.number, problemsOf(one)[0]]));
  const sound = breaks.filter(({ number }) => rotten.get(number) === undefined);
  const senseless = await typeErrors(copy, sound);
  const whole = await unbroken(copy, sound);
  const results = [];
  for (const one of breaks) {
    const begin = Date.now();
    const useless = rotten.get(one.number) ?? senseless.get(one.number) ?? whole(one);
    const missed = useless ?? (await missedBreak(copy, one));
    const seconds = Math.round((Date.now() - begin) / 1000);
    process.stderr.write(
      `${one.number.padEnd(5)} ${missed === undefined ? "caught" : `MISSED: ${missed}`} (${seconds} s)\n`,
    );
    results.push({ ...one, missed });
  }
  return printed(results);
}

/** Type-checks all breaks at once, each as a file beside the one it breaks: number -> what does not compile. */
async function typeErrors(copy, breaks) {
  const variants = breaks
    .filter(({ file }) => file.endsWith(".ts"))
    .map((one) => ({ one, path: one.file.replace(/\.ts$/, `.broken-${one.number.replace(".", "-")}.ts`) }));
  for (const { one, path } of variants) writeFileSync(join(copy, path), brokenText(copy, one));
  const tsc = join(copy, "node_modules/typescript/bin/tsc");
  const { output } = await run(
    process.execPath,
    [tsc, "-p", "tsconfig.json", "--noEmit", "--pretty", "false"],
    copy,
  );
  const lines = output.split("\n").filter((line) => /error TS/.test(line) && !leftBehind.test(line));
  for (const { path } of variants) rmSync(join(copy, path));
  return new Map(
    variants.flatMap(({ one, path }) => {
      const error = lines.find((line) => line.startsWith(path));
      return error === undefined ? [] : [[one.number, `it does not compile: ${error}`]];
    }),
  );
}

/** Runs all tests without a break. Gives for a break why its tests say nothing; undefined when they passed. */
async function unbroken(copy, breaks) {
  process.stderr.write("without a break\n");
  const whole = new Set(breaks.filter(({ name }) => name === undefined).map(({ test }) => test));
  const named = breaks.filter(({ test }) => !whole.has(test));
  const names = [...new Set(named.map(({ name }) => name))];
  const tests = [];
  if (whole.size > 0) tests.push(...(await runTests(copy, [...whole], [], breaks.length)).tests);
  if (named.length > 0)
    tests.push(
      ...(await runTests(copy, [...new Set(named.map(({ test }) => test))], names, breaks.length)).tests,
    );
  return ({ test, name }) => {
    const own = tests.filter((one) => one.file === test && (name === undefined || one.name.includes(name)));
    const failed = own.find(({ state }) => state === "failed");
    if (failed) return `without the break it fails too: ${failed.name}: ${failed.errors[0]?.message}`;
    return own.some(({ state }) => state === "passed") ? undefined : "no such test ran without the break";
  };
}

/** Why no test has caught the break; undefined when one has. */
async function missedBreak(copy, one) {
  const path = join(copy, one.file);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, brokenText(copy, one));
  try {
    const names = one.name === undefined ? [] : [one.name];
    const { tests, errors, output } = await runTests(copy, [one.test], names);
    if (tests.some((test) => test.errors.some(isAssertion))) return undefined;
    const others = [...tests.flatMap((test) => test.errors), ...errors];
    if (others.length > 0) return `it fails, but not by an assertion: ${others[0]?.message.split("\n")[0]}`;
    return tests.some(({ state }) => state === "passed")
      ? "all tests pass"
      : `nothing ran: ${output.slice(-2000)}`;
  } finally {
    writeFileSync(path, text);
  }
}

function brokenText(copy, { file, find, replace }) {
  return readFileSync(join(copy, file), "utf8").split(find).join(replace);
}

/** A property test throws an error of its own that names the assertion as its cause. */
function isAssertion(error) {
  return error !== undefined && (error.name === "AssertionError" || isAssertion(error.cause));
}

/**
 * Runs test files; with names only the tests whose names hold one of them. dist/ is built by the tests' own setup.
 * `share`: times the usual patience.
 */
async function runTests(copy, files, names, share = 1) {
  rmSync(join(copy, reportFile), { force: true });
  const vitest = join(copy, "node_modules/vitest/vitest.mjs");
  const pattern = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const filter = names.length === 0 ? [] : ["-t", pattern];
  const args = [vitest, "run", ...files, ...filter, `--reporter=./${reporter}`];
  const { output } = await run(process.execPath, args, copy, share * patience);
  if (!existsSync(join(copy, reportFile))) return { tests: [], errors: [], output };
  return { ...JSON.parse(readFileSync(join(copy, reportFile), "utf8")), output };
}

/** Runs a program in a process group of its own, which ends with it or when it takes too long. Never CI: sizes stay small. */
function run(program, args, cwd, milliseconds = patience) {
  const { CI: _, ...env } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...env, BROKEN_ON_PURPOSE_REPORT: join(cwd, reportFile) },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    endRunning = () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // all of it has ended
      }
    };
    const timer = setTimeout(endRunning, milliseconds);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("error", reject);
    child.on("exit", () => {
      clearTimeout(timer);
      endRunning();
    });
    child.on("close", () => resolve({ output }));
  });
}

function printed(results) {
  const rows = results.map(({ number, break: what, test, name, missed }) =>
    [number, what, name === undefined ? test : `${test}: ${name}`, missed === undefined ? "yes" : "NO"].join(
      " | ",
    ),
  );
  const missed = results.filter((one) => one.missed !== undefined);
  process.stdout.write(`| invariant | break | test | caught? |\n|---|---|---|---|\n`);
  for (const row of rows) process.stdout.write(`| ${row} |\n`);
  for (const one of missed)
    process.stdout.write(`\n${one.number} ${one.break}\n  ${one.file}: ${one.missed}\n`);
  process.stdout.write(`\n${results.length - missed.length} of ${results.length} breaks were caught\n`);
  return missed.length === 0 ? 0 : 1;
}
