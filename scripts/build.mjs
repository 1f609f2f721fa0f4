// Writes dist/: JavaScript by esbuild (file by file, no bundling) and, with --types, declarations by tsc.
// A file is replaced by rename and only when its content changed, so a build can run beside processes that use dist/.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const types = !process.argv.includes("--no-types");

const sources = readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => join(entry.parentPath, entry.name));

const result = await build({
  entryPoints: sources,
  outdir: join(root, "dist"),
  outbase: join(root, "src"),
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: "linked",
  sourcesContent: false,
  write: false,
});

const kept = new Set();
for (const file of result.outputFiles) {
  kept.add(file.path);
  const text = file.path.endsWith(".js")
    ? file.text.replace(/((?:from|import\()\s*"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"')
    : file.text;
  writeIfChanged(file.path, text);
}
for (const entry of readdirSync(join(root, "dist"), { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && !path.endsWith(".d.ts") && !path.endsWith(".tmp") && !kept.has(path)) rmSync(path);
}
if (types)
  execFileSync(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tsconfig.build.json")],
    { stdio: "inherit" },
  );
process.stderr.write(
  `built ${sources.length} files into ${relative(process.cwd(), join(root, "dist")) || "."}\n`,
);

function writeIfChanged(path, text) {
  try {
    if (readFileSync(path, "utf8") === text) return;
  } catch {
    mkdirSync(dirname(path), { recursive: true });
  }
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: path.endsWith("cli/main.js") ? 0o755 : 0o644 });
  renameSync(temporary, path);
}
