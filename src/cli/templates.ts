/** The project templates that come with the package. */
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ShoplakeError } from "../util/errors.ts";
import { named } from "./values.ts";

const home = fileURLToPath(new URL("../../templates/", import.meta.url));

const ignored = `.shoplake/
.env
node_modules/
`;

/** Names of the templates, sorted. */
export async function templateNames(): Promise<readonly string[]> {
  const entries = await readdir(home, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/**
 * Writes a template into a folder (created when absent) and a .gitignore beside it. Returns the files, relative, sorted.
 * Nothing is overwritten: files that stand in the way are listed in a `usage` error and nothing is written.
 */
export async function writeTemplate(template: string, dir: string): Promise<readonly string[]> {
  const folder = join(home, named("template", template, await templates()));
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  const taken = files.filter((file) => existsSync(join(dir, file)));
  if (taken.length > 0)
    throw new ShoplakeError("usage", `${dir} already holds files of the template`, {
      hint: "choose another folder, or remove these files",
      problems: taken.map((file) => ({ message: "exists already", file })),
    });
  for (const file of files) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await copyFile(join(folder, file), join(dir, file));
  }
  if (!existsSync(join(dir, ".gitignore"))) await writeFile(join(dir, ".gitignore"), ignored);
  return files;
}

async function templates(): Promise<ReadonlyMap<string, string>> {
  return new Map((await templateNames()).map((name) => [name, name]));
}
