/** Nothing is written into the state folder but by util/private-files.ts, which closes every file and folder for others. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../src", import.meta.url));

/** Files and folders that write for the user, outside the state folder. */
const elsewhere: readonly (readonly [path: string, reason: string])[] = [
  ["util/private-files.ts", "the functions themselves"],
  ["generator/", "data of a shop for tests and demos, in a folder that the user names"],
  ["sinks/files/", "files for other programs, in the folder that the user names"],
  ["app/init.ts", "a new project of the user"],
  ["cli/demo/", "a new project of the user"],
  ["util/write-file.ts", "a file that the user names"],
];

const writers =
  /\b(mkdir|mkdirSync|mkdtemp|mkdtempSync|writeFile|writeFileSync|appendFile|appendFileSync|createWriteStream|copyFile|copyFileSync|cp|cpSync)\b(?=[^;]*from "node:fs)/;
const opensForWriting = /\bopen(Sync)?\([^)]*,\s*("[wa]x?\+?"|[^)]*O_CREAT)/;

function problemsOf(file: string, text: string): string[] {
  if (elsewhere.some(([path]) => file === path || (path.endsWith("/") && file.startsWith(path)))) return [];
  const imports = [...text.matchAll(/^import [^;]*?;/gms)].map(([line]) => line);
  const found = imports.map((line) => writers.exec(line)?.[1]).find((name) => name !== undefined);
  const opens = opensForWriting.exec(text)?.[0];
  return [found, opens].flatMap((what) => (what === undefined ? [] : [`${file}: ${what}`]));
}

test("src writes into the state folder by util/private-files.ts only", () => {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.flatMap((file) => problemsOf(relative(root, file), readFileSync(file, "utf8")))).toEqual([]);
  for (const [path] of elsewhere)
    expect([path, files.some((file) => relative(root, file).startsWith(path))]).toEqual([path, true]);
});

test("the rule sees what it is for", () => {
  const bad = [
    'import { mkdir, rm } from "node:fs/promises";',
    'import {\n  createWriteStream,\n} from "node:fs";',
    'import { open } from "node:fs/promises";\nconst file = await open(path, "wx");',
  ];
  expect(bad.flatMap((text) => problemsOf("lake/x.ts", text))).toEqual([
    "lake/x.ts: mkdir",
    "lake/x.ts: createWriteStream",
    'lake/x.ts: open(path, "wx"',
  ]);
  expect(problemsOf("lake/x.ts", 'import { open } from "node:fs/promises";\nawait open(path, "r");')).toEqual(
    [],
  );
});
