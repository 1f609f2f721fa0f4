/** Writes a new project from a template that comes with the package. */
import { existsSync } from "node:fs";
import { constants, copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ShoplakeError } from "../util/errors.ts";
import { fileFault } from "../util/file-fault.ts";
import { named } from "../util/named.ts";

const home = fileURLToPath(new URL("../../templates/", import.meta.url));
const configFile = "shoplake.config.ts";

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
 * Nothing is overwritten: files that are there already are listed in a `usage` error and nothing is written. Throws `io` for what
 * the file system refuses; the files that were written until then are removed.
 */
export async function writeTemplate(template: string, dir: string): Promise<readonly string[]> {
  const files = await filesOf(template);
  const taken = files.filter((file) => existsSync(join(dir, file)));
  if (taken.length > 0)
    throw new ShoplakeError("usage", `${dir} already holds files of the template`, {
      hint: "choose another folder, or remove these files",
      problems: taken.map((file) => ({ message: "exists already", file })),
    });
  await copyFiles(template, dir, files);
  return files;
}

/** Writes what is missing of a template, and leaves what is there. Throws `io` as `writeTemplate` does. */
export async function completeTemplate(template: string, dir: string): Promise<readonly string[]> {
  const files = await filesOf(template);
  const missing = files.filter((file) => !existsSync(join(dir, file)));
  await copyFiles(template, dir, missing);
  return files;
}

/** The configuration comes last: a folder that has it has everything. What was made is removed when one cannot be written. */
async function copyFiles(template: string, dir: string, files: readonly string[]): Promise<void> {
  const order = [...files].sort((a, b) => Number(a === configFile) - Number(b === configFile));
  const made: string[] = [];
  const makeFolder = async (folder: string): Promise<void> => {
    const first = await mkdir(folder, { recursive: true });
    if (first !== undefined) made.push(first);
  };
  try {
    await makeFolder(dir);
    for (const file of order) {
      await makeFolder(dirname(join(dir, file)));
      await copyFile(join(home, template, file), join(dir, file), constants.COPYFILE_EXCL);
      made.push(join(dir, file));
    }
    await writeIgnored(join(dir, ".gitignore"));
  } catch (error) {
    for (const each of made) await rm(each, { recursive: true, force: true });
    throw fileFault(error, dir) ?? error;
  }
}

async function writeIgnored(file: string): Promise<void> {
  if (!existsSync(file)) await writeFile(file, ignored, { flag: "wx" });
}

async function filesOf(template: string): Promise<readonly string[]> {
  const known = new Map((await templateNames()).map((name) => [name, name]));
  const folder = join(home, named("template", template, known));
  return (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
