/** Every kind is one folder and one line; nobody else knows its name. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { loadKinds } from "../../src/host/kinds.ts";
import { checkRegistry } from "../../src/quality/check-registry.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function foldersOf(dir: string): string[] {
  const entries = readdirSync(join(root, dir), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function filesBelow(dir: string): string[] {
  return readdirSync(join(root, dir), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}

/** Modules that registry.ts names, one a line. */
function linesOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("/**"));
  return lines.map((line) => /^export \* from "\.\/(.+)\.ts";$/.exec(line)?.[1] ?? line);
}

describe.each(["sources", "sinks"] as const)("%s", (family) => {
  test("the registry names every folder, one line each, and the kind has its name", async () => {
    const folders = foldersOf(`src/${family}`).sort();
    expect(linesOf(`src/${family}/registry.ts`).sort()).toEqual(folders.map((name) => `${name}/define`));
    const kinds = (await loadKinds())[family];
    expect([...kinds.keys()].sort()).toEqual(folders);
    for (const [name, { kind }] of kinds) expect(kind).toBe(name);
  });

  test("every kind has its page", () => {
    for (const name of foldersOf(`src/${family}`))
      expect(readFileSync(join(root, `docs/${family}/${name}.md`), "utf8")).toMatch(/^# /);
  });

  test("every kind has its test, and runs the conformance suite", () => {
    const tests = filesBelow(`test/${family}`).map((file) => readFileSync(join(root, file), "utf8"));
    const suite = family === "sources" ? "sourceConformance" : "sinkConformance";
    for (const name of foldersOf(`src/${family}`))
      expect(tests.some((text) => text.includes(`${suite}("${name}"`))).toBe(true);
  });
});

test("the registry of checks names every file, and each has the name of its type", () => {
  const files = readdirSync(join(root, "src/quality/checks"))
    .map((name) => name.replace(/\.ts$/, ""))
    .filter((name) => name !== "registry");
  expect(linesOf("src/quality/checks/registry.ts").sort()).toEqual(files.sort());
  expect([...checkRegistry.keys()].sort()).toEqual(files.map((name) => name.replaceAll("-", "_")).sort());
  const page = readFileSync(join(root, "docs/quality.md"), "utf8");
  for (const name of checkRegistry.keys()) expect(page).toContain(`| \`${name}\``);
});

/** Files that spell such a word for another thing, with the reason. */
const otherMeaning: Readonly<Record<string, string>> = {
  "src/lake/delta/conflicts.ts": "files of a Delta table",
  "src/lake/delta/change.ts": "files of a Delta table",
  "src/lake/delta/checkpoint.ts": "files of a Delta table",
  "src/cli/commands/maintain.ts": "the heading of a column: how many files",
  "src/generator/postgres-binaries.ts": "the server's program, which the demo starts",
  "src/generator/demo-postgres.ts": "the server's program, which the demo starts",
  "src/util/postgres.ts": "a value of the server's setting IntervalStyle",
};

test("no file outside of a kind's folder spells its name", () => {
  const names = [...foldersOf("src/sources"), ...foldersOf("src/sinks")];
  const word = new RegExp(`["'\`](${[...new Set(names)].join("|")})["'\`]`);
  const found = filesBelow("src").filter(
    (file) =>
      !names.some((name) => file.includes(`/sources/${name}/`) || file.includes(`/sinks/${name}/`)) &&
      word.test(readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\//g, "")),
  );
  expect(found.sort()).toEqual(Object.keys(otherMeaning).sort());
});

test("what a config file imports is light: a few small files and no package", async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["src/index.ts"],
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    write: false,
    metafile: true,
  });
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { path, kind } of metafile.inputs[file]?.imports ?? [])
      if (kind === "import-statement") visit(path);
  };
  visit("src/index.ts");
  const light =
    /^(node:.*|src\/index\.ts|src\/project\/(define|env)\.ts|src\/util\/errors\.ts|.*\/(registry|define)\.ts)$/;
  expect([...seen].filter((file) => !light.test(file))).toEqual([]);
});

test("every option has its words, which an editor shows", () => {
  const files = filesBelow("src").filter((file) => file.endsWith("/define.ts"));
  expect(files.length).toBeGreaterThanOrEqual(5);
  const bare = files.flatMap((file) => {
    const lines = readFileSync(join(root, file), "utf8").split("\n");
    return lines.flatMap((line, i) => {
      const isField = /^ +readonly \w+\??: /.test(line) && !line.includes(";)");
      return isField && !lines[i - 1]?.trim().endsWith("*/") ? [`${file}:${i + 1} ${line}`] : [];
    });
  });
  expect(bare).toEqual([]);
});
