/** The price of one more source, sink or check type: its own folder or file, and one line. Shown in a copy of the tree. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tree = mkdtempSync(join(tmpdir(), "shoplake-price-"));
const project = join(tree, "shop");
afterAll(() => rmSync(tree, { recursive: true, force: true }));

/** What somebody writes who adds one of each. */
const own: Readonly<Record<string, string>> = {
  "src/sources/echo/define.ts": `/** Rows that the config file itself holds. */
import { defineSource } from "../define.ts";
/** Options of an echo source. */
export interface EchoSourceSpec {
  /** One row for each. */
  readonly words: readonly string[];
}
/** Rows that the config file itself holds. */
export const echo = defineSource<EchoSourceSpec>("echo", () => import("./kind.ts"));
`,
  "src/sources/echo/kind.ts": `/** The kind echo of sources. */
import { z } from "zod";
import { text } from "../../engine/sql.ts";
import { object } from "../../project/issues.ts";
import { sourceKind } from "../kind.ts";
import type { Extract } from "../source.ts";
const options = object({ words: z.array(z.string()).nonempty() });
const columns = [{ name: "word", type: "String" }];
/** Rows that the config file itself holds. */
export const kind = sourceKind<z.output<typeof options>>({
  kind: "echo",
  options,
  tables: () => [{ name: "words", key: [], cursor: undefined }],
  describe: ({ words }) => \`\${words.length} words\`,
  open: (_name, { words }) => ({
    kind: "echo",
    schemaPolicy: "evolve",
    probe: async () => ({ notes: [] }),
    tables: async () => [{ name: "words", key: [], columns }],
    async *read(): AsyncGenerator<Extract> {
      const list = words.map(text).join(", ");
      const from = \`(SELECT arrayJoin([\${list}]) AS word)\`;
      const write = { mode: "overwrite" } as const;
      yield { label: "words", from, columns, write, positions: {}, rejected: [], dispose: async () => {} };
    },
    close: async () => {},
  }),
});
`,
  "src/sinks/shout/define.ts": `/** One file for all datasets. */
import { defineSink } from "../define.ts";
/** Options of a shout sink. */
export interface ShoutSinkSpec {
  /** The file. */
  readonly file: string;
}
/** One file for all datasets. */
export const shout = defineSink<ShoutSinkSpec>("shout", () => import("./kind.ts"));
`,
  "src/sinks/shout/kind.ts": `/** The kind shout of sinks. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { object } from "../../project/issues.ts";
import { select } from "../../project/options.ts";
import { sinkKind } from "../kind.ts";
const options = object({ file: z.string(), select });
/** One file for all datasets. */
export const kind = sinkKind<z.output<typeof options>>({
  kind: "shout",
  options,
  place: ({ file }) => file,
  describe: ({ file }) => \`the file \${file}\`,
  target: ({ file }) => file,
  open: (_name, { file }) => ({
    kind: "shout",
    probe: async () => ({ notes: ["loud"] }),
    async write({ from }, { engine, projectDir }) {
      const rows = await engine.rows<{ word: string }>(\`SELECT word FROM \${from} ORDER BY word\`);
      await writeFile(resolve(projectDir, file), rows.map(({ word }) => word.toUpperCase()).join(" "));
      return { inserted: rows.length, updated: 0, deleted: 0, unchanged: false };
    },
    close: async () => {},
  }),
});
`,
  "src/quality/checks/short.ts": `/** short: every text has few letters. */
import { z } from "zod";
import { defineCheck } from "../check-type.ts";
import { columnOf, rowCheck } from "../sql-pieces.ts";
/** The check type short. */
export const short = defineCheck({
  type: "short",
  dimension: "validity",
  needsColumn: true,
  judges: "row",
  arguments: z.strictObject({ letters: z.number() }),
  compile: (spec, { letters }, input) => rowCheck(spec, input, \`lengthUTF8(\${columnOf(spec)}) > \${letters}\`),
});
`,
};

const lines: Readonly<Record<string, string>> = {
  "src/sources/registry.ts": `export * from "./echo/define.ts";\n`,
  "src/sinks/registry.ts": `export * from "./shout/define.ts";\n`,
  "src/quality/checks/registry.ts": `export * from "./short.ts";\n`,
};

const shop: Readonly<Record<string, string>> = {
  "shoplake.config.ts": `import { defineProject, echo, shout } from "shoplake";
export default defineProject({
  name: "price",
  sources: { feed: echo({ words: ["ham", "eggs"] }) },
  sinks: { loud: shout({ file: "loud.txt" }) },
});
`,
  "models/gold/words.sql": `/*
columns:
  word: { checks: [{ short: { letters: 4 } }] }
*/
SELECT word FROM bronze.feed_words`,
};

function put(base: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
}

/** stdout and stderr of a command; throws when it fails. */
function shoplake(...args: string[]): string {
  return execFileSync(process.execPath, [join(tree, "dist/cli/main.js"), ...args], {
    cwd: project,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

beforeAll(() => {
  for (const part of ["src", "scripts", "package.json", "tsconfig.json", "templates"])
    cpSync(join(root, part), join(tree, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
  put(tree, own);
  for (const [path, line] of Object.entries(lines)) writeFileSync(join(tree, path), line, { flag: "a" });
  put(project, shop);
  execFileSync(process.execPath, [join(tree, "scripts/build.mjs"), "--no-types"], {
    cwd: tree,
    stdio: "pipe",
  });
}, 240_000);

test("one line of each registry is all that changes outside of the own folders", () => {
  const changed = readdirSync(join(tree, "src"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `src/${path}`)
    .filter((path) => !(path in own))
    .filter((path) => readFileSync(join(tree, path), "utf8") !== readFileSync(join(root, path), "utf8"));
  expect(changed.sort()).toEqual(Object.keys(lines).sort());
});

test("the copy compiles, the config file included", () => {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const config = JSON.parse(readFileSync(join(tree, "tsconfig.json"), "utf8")) as object;
  writeFileSync(join(tree, "tsconfig.price.json"), JSON.stringify({ ...config, include: ["src", "shop"] }));
  execFileSync(process.execPath, [tsc, "-p", join(tree, "tsconfig.price.json")], {
    cwd: tree,
    stdio: "pipe",
  });
}, 120_000);

test("all commands know the new kinds", () => {
  expect(shoplake("config", "show")).toMatch(/sources\.feed\.words +ham, eggs/);
  expect(shoplake("plan")).toMatch(/bronze\.feed_words/);
  shoplake("run");
  expect(readFileSync(join(project, "loud.txt"), "utf8")).toBe("EGGS HAM");
  expect(shoplake("check")).toMatch(/short_word/);
  const doctor = shoplake("doctor");
  expect(doctor).toMatch(/echo: 1 table, 1 column/);
  expect(doctor).toMatch(/shout: loud/);
  expect(doctor).not.toMatch(/writable.*shout|shout.*writable/);
  const page = shoplake("docs");
  expect(page).toMatch(/2 words/);
  expect(page).toMatch(/the file loud\.txt/);
}, 240_000);
