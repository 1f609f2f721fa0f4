/** The package as a user gets it: packed, installed into an empty folder, its demo run from there. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const wanted = process.env["CI"] === "true" || process.env["SHOPLAKE_TEST_PACKAGE"] === "1";
if (!wanted)
  process.stderr.write(
    "skipped: the packed package (installs 600 MB; SHOPLAKE_TEST_PACKAGE=1 or CI=true runs it)\n",
  );

const dir = mkdtempSync(join(tmpdir(), "shoplake-package-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 26,
  });

it.skipIf(!wanted)(
  "installs into an empty folder and runs the demo",
  () => {
    run("npm", ["run", "build", "--silent"], root);
    const [packed] = JSON.parse(
      run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", dir], root),
    ) as {
      filename: string;
      files: { path: string }[];
    }[];
    const kinds = new Set(
      packed?.files.map(({ path }) =>
        path.replace(/^(dist|templates)\/.*?(\.d\.ts|\.js|\.[a-z]+|)$/, "$1 $2"),
      ),
    );
    expect([...kinds].filter((kind) => /\.(map|test\.|tsbuildinfo)/.test(kind))).toEqual([]);
    writeFileSync(join(dir, "package.json"), '{ "name": "shop", "private": true, "type": "module" }');
    run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", `./${packed?.filename}`], dir);
    const shoplake = join(dir, "node_modules/.bin/shoplake");
    const lines = run(shoplake, ["demo", "--scale", "0.001", "--json"], dir).trimEnd().split("\n");
    expect(JSON.parse(lines.at(-1) ?? "{}")).toMatchObject({ event: "report", report: { state: "success" } });
    expect(readFileSync(join(dir, "node_modules/shoplake/dist/index.d.ts"), "utf8")).toContain(
      "defineProject",
    );
  },
  600_000,
);
