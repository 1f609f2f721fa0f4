import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageVersion, runProgram } from "../../src/cli/program.ts";
import { commands } from "../../src/cli/registry.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { shoplake } from "./process.ts";
import { testContext } from "./terminal.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const main = join(root, "dist/cli/main.js");
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "shoplake-cli-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Runs a command line in this process; gives what was printed, or the error. */
async function run(...argv: string[]) {
  const context = testContext({}, { cwd: dir });
  try {
    const code = await runProgram(context, argv);
    return { code, stdout: context.stdout.text, stderr: context.stderr.text };
  } catch (error) {
    if (!(error instanceof ShoplakeError)) throw error;
    return {
      error: { code: error.code, message: error.message, ...error.details },
      stdout: context.stdout.text,
    };
  }
}

describe("registry", () => {
  test("lists exactly the files of src/cli/commands, under their names", async () => {
    const files = readdirSync(join(root, "src/cli/commands")).map((file) => file.replace(/\.ts$/, ""));
    expect(commands.map(({ name }) => name).sort()).toEqual(files.sort());
    for (const { name, load } of commands) expect((await load()).command.name).toBe(name);
  });

  test("every command says what it does, shows examples that parse, and describes each argument and option", async () => {
    for (const { name, load, summary } of commands) {
      const { command } = await load();
      expect(summary.length, name).toBeLessThanOrEqual(45);
      for (const part of [command, ...(command.subcommands ?? [])]) {
        expect(part.description, name).toMatch(/^[A-Z].*\.$/s);
        const described = [...(part.arguments ?? []), ...(part.options ?? [])];
        for (const item of described) expect(item.description.length, name).toBeGreaterThan(3);
      }
      const examples = [command, ...(command.subcommands ?? [])].flatMap((part) => part.examples);
      expect(examples.length, name).toBeGreaterThan(0);
      for (const [line] of examples) expect(line, name).toMatch(new RegExp(`\\bshoplake ${name}\\b`));
    }
  });

  test("docs/cli.md is current", () => {
    execFileSync(process.execPath, [join(root, "scripts/docs-cli.mjs"), "--check"], { stdio: "pipe" });
  });
});

describe("help", () => {
  test("of the program", async () => {
    const { stdout } = await run("--help");
    await expect(stdout).toMatchFileSnapshot("../golden/cli/help.txt");
  });

  test("of every command and subcommand", async () => {
    const pages: string[] = [];
    for (const { name, load } of commands) {
      const { command } = await load();
      const paths = [[name], ...(command.subcommands ?? []).map((sub) => [name, sub.name])];
      for (const path of paths)
        pages.push(`$ shoplake ${path.join(" ")} --help\n${(await run(...path, "--help")).stdout}`);
    }
    await expect(pages.join("\n")).toMatchFileSnapshot("../golden/cli/help-commands.txt");
  });

  test("`help init` is `init --help`; a wrong name after help is an error", async () => {
    expect((await run("help", "init")).stdout).toBe((await run("init", "--help")).stdout);
  });

  test("--version prints the package's version alone", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect((await run("--version")).stdout).toBe(`${version}\n`);
    expect(packageVersion()).toBe(version);
  });

  /** On a busy machine CPU seconds are worth less: bare node, measured beside, says how much (60 ms when it is quiet). */
  test.skipIf(process.platform === "win32")("help and version cost less than 200 ms of CPU", () => {
    const least = (args: readonly string[]) => Math.min(...[1, 2, 3, 4, 5].map(() => cpuMs(args)));
    const limit = 200 * Math.max(1, least(["--eval", "0"]) / 60);
    for (const line of [["--help"], ["--version"], ["run", "--help"]])
      expect(least([main, ...line]), line.join(" ")).toBeLessThan(limit);
  });
});

describe("wrong command lines", () => {
  test.each([
    [["inti"], "unknown command 'inti'", "did you mean init? see: shoplake --help"],
    [
      ["init", "--tempalte", "x"],
      "unknown option '--tempalte'",
      "did you mean --template? see: shoplake init --help",
    ],
    [
      ["init", "a", "b"],
      "too many arguments for 'init'. Expected 1 argument but got 2.",
      "see: shoplake init --help",
    ],
    [["completion"], "missing required argument 'shell'", "see: shoplake completion --help"],
    [["init", "--template"], "option '-t, --template <name>' argument missing", "see: shoplake init --help"],
  ])("%j", async (argv, message, hint) => {
    expect(await run(...argv)).toMatchObject({ error: { code: "usage", message, hint } });
  });

  test("a wrong choice lists the right ones", async () => {
    expect(await run("completion", "tcsh")).toMatchObject({
      error: { message: 'shell is "tcsh"', allowed: "bash, zsh, fish" },
    });
  });

  test("an unknown template is answered with the nearest one", async () => {
    expect(await run("init", "x", "--template", "comerce")).toMatchObject({
      error: { code: "usage", message: 'there is no template "comerce"', hint: "did you mean commerce?" },
    });
  });
});

describe("the process", () => {
  test("usage errors: exit 1, text on stderr, with --json also one document on stdout", async () => {
    const plain = await shoplake(["inti"]);
    expect(plain).toMatchObject({ code: 1, stdout: "" });
    expect(plain.stderr).toBe(
      "error [usage] unknown command 'inti'\n  to do    did you mean init? see: shoplake --help\n",
    );
    const json = await shoplake(["inti", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: "usage" } });
  });

  test("no command: help on stdout, exit 1", async () => {
    const result = await shoplake([]);
    expect(result.code).toBe(1);
    expect(result.stdout).toContain("Usage: shoplake");
    expect(result.stderr).toBe("");
  });

  test("a reader that goes away is no error", async () => {
    const child = spawn("bash", [
      "-c",
      `set -o pipefail; "${process.execPath}" "${main}" completion bash | head -1`,
    ]);
    const code = await new Promise((resolve) => child.on("exit", resolve));
    expect(code).toBe(0);
  });
});

describe("completion", () => {
  test("the bash script parses and completes commands, options and datasets", () => {
    const script = execFileSync(process.execPath, [main, "completion", "bash"], { encoding: "utf8" });
    const file = join(dir, "completion.bash");
    writeFileSync(file, script);
    const ask = (...words: string[]) =>
      execFileSync(
        "bash",
        [
          "-c",
          `source "$1"; COMP_WORDS=("\${@:2}"); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _shoplake; echo "\${COMPREPLY[@]}"`,
          "-",
          file,
          ...words,
        ],
        { encoding: "utf8", cwd: dir },
      ).trim();
    expect(ask("shoplake", "ini")).toBe("init");
    expect(ask("shoplake", "init", "--templ")).toBe("--template");
    expect(ask("shoplake", "completion", "z")).toBe("zsh");
  });

  test("all shells name every command", async () => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const { stdout } = await run("completion", shell);
      for (const { name } of commands) expect(stdout).toContain(name);
    }
  });
});

/** CPU of a node process in milliseconds, user and system, by bash's `times`. */
function cpuMs(args: readonly string[]): number {
  const script = '"$@" > /dev/null; times';
  const out = execFileSync("bash", ["-c", script, "-", process.execPath, ...args], { encoding: "utf8" });
  const [, children = ""] = out.trim().split("\n");
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, min, s]) => sum + Number(min) * 60_000 + Number(s) * 1000,
    0,
  );
}
