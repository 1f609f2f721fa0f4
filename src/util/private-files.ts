/**
 * Folders and files of the state folder: they hold rows of customers and tokens, so only their owner can read them, whatever
 * the umask says. Everything that Shoplake writes there goes through these functions; a test looks for other ways.
 */
import { chmodSync, createWriteStream, mkdirSync, openSync, type WriteStream, writeFileSync } from "node:fs";
import { chmod, type FileHandle, mkdir, open, writeFile } from "node:fs/promises";

/** Mode of every file in the state folder. */
export const PRIVATE_FILE = 0o600;

/** Mode of the state folder and every folder in it. */
export const PRIVATE_FOLDER = 0o700;

/** Makes the folder and those above it that are missing. Resolves to the first one that was made; undefined when all were there. */
export function makePrivateFolder(path: string): Promise<string | undefined> {
  return mkdir(path, { recursive: true, mode: PRIVATE_FOLDER });
}

/** As makePrivateFolder, at once. */
export function makePrivateFolderSync(path: string): void {
  mkdirSync(path, { recursive: true, mode: PRIVATE_FOLDER });
}

/**
 * Makes the state folder itself, and closes one that others can look into: of an earlier version, or made by hand. Then it
 * does not matter how the files below it were made. A folder of somebody else stays as it is.
 */
export async function openStateFolder(path: string): Promise<void> {
  await makePrivateFolder(path);
  await chmod(path, PRIVATE_FOLDER).catch(() => undefined);
}

/** As openStateFolder, at once. */
export function openStateFolderSync(path: string): void {
  makePrivateFolderSync(path);
  try {
    chmodSync(path, PRIVATE_FOLDER);
  } catch {
    // a folder of another user
  }
}

/** Writes a whole file. `flag` as in open(2), default "w": a file that is there is replaced; "wx": it is an error. */
export function writePrivateFile(
  path: string,
  data: string | Uint8Array,
  flag: "w" | "wx" = "w",
): Promise<void> {
  return writeFile(path, data, { mode: PRIVATE_FILE, flag });
}

/** As writePrivateFile, at once. */
export function writePrivateFileSync(path: string, data: string, flag: "w" | "wx" = "w"): void {
  writeFileSync(path, data, { mode: PRIVATE_FILE, flag });
}

/** A new file, open for writing; one that is there already is an error (EEXIST). */
export function createPrivateFile(path: string): Promise<FileHandle> {
  return open(path, "wx", PRIVATE_FILE);
}

/** A file to append to, as a file descriptor; made when it is missing. */
export function openPrivateLogSync(path: string): number {
  return openSync(path, "a", PRIVATE_FILE);
}

/** A stream into a file. `flags`: "wx" for a new one, "a" to append. */
export function privateWriteStream(path: string, flags: "wx" | "a"): WriteStream {
  return createWriteStream(path, { flags, mode: PRIVATE_FILE });
}
