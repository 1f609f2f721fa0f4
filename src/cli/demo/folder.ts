/** The folder of a demo: only one that is new, empty or made by an earlier demo is written into. */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { completeTemplate } from "../../app/init.ts";
import { configFile } from "../../project/config-file.ts";
import { ShoplakeError } from "../../util/errors.ts";
import { fileFault } from "../../util/file-fault.ts";
import { makePrivateFolder } from "../../util/private-files.ts";
import { writeWhole } from "../../util/write-file.ts";

const template = "commerce";
const variable = "SHOP_DATABASE_URL";

/** Stands in the folder of state: says that a demo made the project around it. */
const marker = join(".shoplake", "made-by-demo");
/** Stands before the line that a demo wrote into .env. */
const comment =
  "# The demo's PostgreSQL. It runs while `shoplake demo` does; queries on what was published need no server.";

/**
 * Makes the folder the project of a demo. Returns how many files were written; 0: it is one already. Throws `usage` for a folder
 * that holds anything else: nothing in it is touched. Throws `io` for what the file system refuses.
 */
export async function prepareDemoFolder(dir: string): Promise<number> {
  const names = await namesIn(dir);
  const isOurs = names.length === 0 || (await madeByDemo(dir));
  if (!isOurs)
    throw new ShoplakeError(
      "usage",
      `${dir} was not made by the demo; nothing in it was changed: ${names.slice(0, 5).join(", ")}`,
      {
        allowed: "a new or empty folder, or one of an earlier demo",
        hint: "name another folder: shoplake demo --dir <new folder>. A project of your own is run with: shoplake run",
      },
    );
  try {
    await mkdir(dir, { recursive: true });
    await makePrivateFolder(join(dir, ".shoplake"));
  } catch (error) {
    throw fileFault(error, dir) ?? error;
  }
  await writeWhole(join(dir, marker), "The project around this folder was written by `shoplake demo`.\n");
  return configFile(dir) === undefined ? (await completeTemplate(template, dir)).length : 0;
}

/** Writes the address of the demo's server for later commands. A file .env without the line of a demo is left as it is. */
export async function writeAddress(dir: string, url: string): Promise<void> {
  const file = join(dir, ".env");
  const there = await textOf(file);
  const line = `${variable}=${url}`;
  if (there === undefined) await writeWhole(file, `${comment}\n${line}\n`, { mode: 0o600 });
  else if (there.includes(comment)) {
    const own = new RegExp(`^${variable}=.*$`, "m");
    const text = own.test(there) ? there.replace(own, () => line) : `${there.trimEnd()}\n${line}\n`;
    await writeWhole(file, text);
  }
}

/** The environment in which the demo's project reads the demo's server, whatever the user's own environment names. */
export function demoEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  url: string,
): Readonly<Record<string, string | undefined>> {
  return { ...env, [variable]: url, [`${variable}_FILE`]: undefined };
}

/** Earlier versions left no marker, only their line in .env. */
async function madeByDemo(dir: string): Promise<boolean> {
  if ((await textOf(join(dir, marker))) !== undefined) return true;
  return (await textOf(join(dir, ".env")))?.startsWith(comment) === true;
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw fileFault(error, dir) ?? error;
  }
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
