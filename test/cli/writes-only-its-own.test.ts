/** A command writes only into what it made, whole or not at all, and says what the file system refuses. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { demoEnvironment, prepareDemoFolder, writeAddress } from "../../src/cli/demo/folder.ts";
import { writeSmallShop } from "./small-shop.ts";
import { testContext } from "./terminal.ts";

const dir = mkdtempSync(join(tmpdir(), "shoplake-own-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function run(cwd: string, ...args: string[]) {
  const context = testContext({}, { cwd, env: { PATH: process.env["PATH"] } });
  const code = await runCommandLine({ ...context, clock: () => new Date() }, args);
  return { code, stdout: context.stdout.text, stderr: context.stderr.text };
}

/** Every file below a folder with its content. */
function contents(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name),
      readFileSync(join(parentPath, name), "utf8"),
    ]),
  );
}

const folder = (name: string, files: Readonly<Record<string, string>>): string => {
  mkdirSync(join(dir, name), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, name, file), text);
  return join(dir, name);
};

describe("demo", () => {
  test.each([
    [
      "a project of one's own",
      { "shoplake.config.ts": "export default 1;\n", ".env": "SHOP_DATABASE_URL=postgres://mine\n" },
    ],
    ["any file", { "notes.txt": "mine" }],
    ["a file .env alone", { ".env": "SECRET=1\n" }],
  ])("refuses a folder with %s, and touches nothing", async (_what, files) => {
    const own = folder("own", files);
    const before = contents(own);
    const { code, stderr } = await run(dir, "demo", "--dir", "own");
    expect(code).toBe(1);
    expect(stderr).toContain(`${own} was not made by the demo; nothing in it was changed`);
    expect(stderr).toContain("shoplake demo --dir <new folder>");
    expect(contents(own)).toEqual(before);
    rmSync(own, { recursive: true });
  });

  test("refuses a file", async () => {
    writeFileSync(join(dir, "afile"), "");
    for (const name of ["afile", "afile/x"]) {
      const { code, stderr } = await run(dir, "demo", "--dir", name);
      expect([code, stderr.slice(0, 10)]).toEqual([1, "error [io]"]);
    }
  });

  test("knows its own folder again, also when it was killed while it wrote", async () => {
    const own = join(dir, "demo");
    expect(await prepareDemoFolder(own)).toBeGreaterThan(10);
    expect(await prepareDemoFolder(own)).toBe(0);
    rmSync(join(own, "shoplake.config.ts"));
    rmSync(join(own, "models/silver"), { recursive: true });
    writeFileSync(join(own, "README.md"), "mine");
    expect(await prepareDemoFolder(own)).toBeGreaterThan(10);
    expect(readdirSync(join(own, "models/silver")).length).toBeGreaterThan(3);
    expect(readFileSync(join(own, "README.md"), "utf8")).toBe("mine");
  });

  test("knows a folder that an earlier version made", async () => {
    const own = folder("earlier", {
      "shoplake.config.ts": "export default 1;\n",
      ".env":
        "# The demo's PostgreSQL. It runs while `shoplake demo` does; queries on what was published need no server.\nSHOP_DATABASE_URL=postgres://old\n",
    });
    expect(await prepareDemoFolder(own)).toBe(0);
  });

  test("changes its own line of .env only; a file without that line is left", async () => {
    const own = folder("env", {});
    await writeAddress(own, "postgres://a:$&@h/1");
    expect(statSync(join(own, ".env")).mode & 0o777).toBe(0o600);
    writeFileSync(join(own, ".env"), `${readFileSync(join(own, ".env"), "utf8")}MINE=1\n`);
    await writeAddress(own, "postgres://b:$&@h/2");
    expect(readFileSync(join(own, ".env"), "utf8").split("\n").slice(1)).toEqual([
      "SHOP_DATABASE_URL=postgres://b:$&@h/2",
      "MINE=1",
      "",
    ]);
    writeFileSync(join(own, ".env"), "SHOP_DATABASE_URL=postgres://mine\n");
    await writeAddress(own, "postgres://c@h/3");
    expect(readFileSync(join(own, ".env"), "utf8")).toBe("SHOP_DATABASE_URL=postgres://mine\n");
  });

  test("reads its own server, whatever the environment of the user names", () => {
    const users = {
      PATH: "/bin",
      SHOP_DATABASE_URL: "postgres://production",
      SHOP_DATABASE_URL_FILE: "/run/secret",
    };
    expect(demoEnvironment(users, "postgres://demo")).toEqual({
      PATH: "/bin",
      SHOP_DATABASE_URL: "postgres://demo",
      SHOP_DATABASE_URL_FILE: undefined,
    });
  });
});

describe("what the file system refuses is told, with what to do", () => {
  const shop = writeSmallShop();
  afterAll(() => shop.remove());

  test.each([
    ["init", ["init", "afile"]],
    ["init", ["init", "afile/x"]],
    ["generate into a file", ["generate", "--out", "afile", "--scale", "0.0001", "--months", "1"]],
    ["generate below a file", ["generate", "--out", "afile/x", "--scale", "0.0001", "--months", "1"]],
    [
      "generate where nobody may write",
      ["generate", "--out", "/sys/shop", "--scale", "0.0001", "--months", "1"],
    ],
  ])("%s %j", async (_what, args) => {
    writeFileSync(join(dir, "afile"), "");
    const { code, stderr } = await run(dir, ...args);
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/^error \[io\] .*\n +(where|to do) /);
    expect(stderr).not.toContain("    at ");
    expect(readFileSync(join(dir, "afile"), "utf8")).toBe("");
  });

  test("init that fails half way leaves nothing of it", async () => {
    const half = folder("half", { models: "a file where a folder should be" });
    const { code, stderr } = await run(dir, "init", "half");
    expect([code, stderr.slice(0, 10)]).toEqual([1, "error [io]"]);
    expect(readdirSync(half)).toEqual(["models"]);
  });

  test("generate: a truth file that cannot be written", async () => {
    const args = ["generate", "--out", "truth-shop", "--scale", "0.0001", "--months", "1"];
    const { code, stderr } = await run(dir, ...args, "--truth", "nowhere/truth.json");
    expect([code, stderr.includes("error [io]")]).toEqual([1, true]);
  });

  test("state that cannot be written", async () => {
    writeFileSync(join(shop.dir, ".shoplake"), "");
    for (const command of [["query", "SELECT 1"], ["run"], ["runs"]]) {
      const { code, stderr } = await run(shop.dir, ...command);
      expect(code, stderr).toBe(1);
      expect(stderr).toMatch(/\n +to do /);
    }
    rmSync(join(shop.dir, ".shoplake"));
  });

  test("export and docs: a missing folder, a file as folder, a folder, a long name", async () => {
    expect((await run(shop.dir, "run")).code).toBe(0);
    mkdirSync(join(shop.dir, "out.csv"));
    for (const file of ["nowhere/x.csv", "shoplake.config.ts/x.csv", "out.csv", `${"n".repeat(300)}.csv`])
      for (const command of [
        ["export", "gold.daily_sales", file],
        ["docs", "-o", file],
      ]) {
        const { code, stderr } = await run(shop.dir, ...command);
        expect(code, stderr).toBe(1);
        expect(stderr).toMatch(/error \[io\] .*\n +to do /);
      }
    expect(readdirSync(shop.dir).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
