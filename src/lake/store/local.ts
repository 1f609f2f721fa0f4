/** A lake in a folder of this machine. */
import { randomUUID } from "node:crypto";
import { link, open, readdir, readFile, rename, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { text } from "../../engine/sql.ts";
import { ShoplakeError } from "../../util/errors.ts";
import { createPrivateFile, makePrivateFolder } from "../../util/private-files.ts";
import { braces } from "../braces.ts";
import type { LakeStore, StoredObject } from "./store.ts";

/**
 * Opens (and creates on the first write) a lake under an absolute or relative folder.
 * `create` is link(2) of a synced temporary file: atomic and exclusive on every local file system and on NFS.
 */
export function localStore(folder: string): LakeStore {
  const root = resolve(folder);
  const at = (key: string) => join(root, key);
  checkRoot(root);
  return {
    location: root,
    failsOnMissing: false,
    seeks: false,
    read: (key) => readOrUndefined(at(key)),
    exists: (key) => fileExists(at(key)),
    create: (key, bytes) => createExclusively(at(key), bytes),
    replace: (key, bytes) => replaceFile(at(key), bytes),
    list: (prefix, after) => listFiles(root, prefix, after),
    keys: (prefix, after) => listKeys(root, prefix, after),
    remove: (key) => removeFile(at(key)),
    persist: (keys) => syncFiles(root, keys.map(at)),
    tableFunction: (keys, format, structure) =>
      `file(${[braces(keys.map(at)), format, ...(structure === undefined ? [] : [structure])].map(text).join(", ")})`,
    deltaFunction: (table) => `deltaLakeLocal(${text(at(table))})`,
    keyOf: (enginePath) => enginePath.slice(root.length + 1),
  };
}

function checkRoot(root: string): void {
  if (/[{}*?,]/.test(root))
    throw new ShoplakeError(
      "config",
      `the lake's folder has a character that ClickHouse reads as a pattern: ${root}`,
      {
        allowed: "a path without { } * ? ,",
      },
    );
}

async function readOrUndefined(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw ioError(`cannot read ${path}`, error);
  }
}

async function fileExists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw ioError(`cannot look at ${path}`, error);
  }
}

async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!isMissing(error)) throw ioError(`cannot delete ${path}`, error);
  });
}

/** After the link the object is there: a failing sync of the folder leaves an outcome that the caller has to look up. */
async function createExclusively(path: string, bytes: Uint8Array): Promise<boolean> {
  const temporary = await writeTemporary(path, bytes);
  let linked = false;
  try {
    await link(temporary, path);
    linked = true;
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw ioError(`cannot create ${path}`, error, linked);
  } finally {
    await removeFile(temporary);
  }
}

async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = await writeTemporary(path, bytes);
  try {
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await removeFile(temporary);
    throw ioError(`cannot write ${path}`, error);
  }
}

/** Hidden from readers by its dot; left over only by a killed process, removed by clean-up. */
async function writeTemporary(path: string, bytes: Uint8Array): Promise<string> {
  const folder = dirname(path);
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    const file = await createPrivateFile(temporary).catch(async (error: unknown) => {
      if (!isMissing(error)) throw error;
      await makeFolder(folder);
      return createPrivateFile(temporary);
    });
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    return temporary;
  } catch (error) {
    await removeFile(temporary);
    throw ioError(`cannot write ${path}`, error);
  }
}

/** Creates folders durably: the parent of the topmost new one is synced too. */
async function makeFolder(folder: string): Promise<void> {
  const first = await makePrivateFolder(folder);
  if (first === undefined) return;
  for (let path = folder; path.length >= dirname(first).length; path = dirname(path)) {
    await syncFolder(path);
    if (path === dirname(path)) return;
  }
}

async function* listFiles(root: string, prefix: string, after = ""): AsyncIterable<StoredObject> {
  let keys: string[] = [];
  for await (const key of listKeys(root, prefix, after)) {
    keys.push(key);
    if (keys.length < 64) continue;
    yield* await describeFiles(root, keys);
    keys = [];
  }
  yield* await describeFiles(root, keys);
}

/** Without those deleted meanwhile. */
async function describeFiles(root: string, keys: readonly string[]): Promise<StoredObject[]> {
  const found = await Promise.all(
    keys.map(async (key) => {
      const file = await stat(join(root, key)).catch(() => undefined);
      return file && { key, size: file.size, modified: Math.floor(file.mtimeMs) };
    }),
  );
  return found.filter((object) => object !== undefined);
}

function listKeys(root: string, prefix: string, after = ""): AsyncIterable<string> {
  const slash = prefix.lastIndexOf("/");
  return walk(root, slash < 0 ? "" : prefix.slice(0, slash), prefix, after);
}

/** Byte order of whole keys: a folder sorts as its name with the slash. */
async function* walk(root: string, folder: string, prefix: string, after: string): AsyncIterable<string> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw ioError(`cannot list ${join(root, folder)}`, error);
  });
  const base = folder === "" ? "" : `${folder}/`;
  const keys: string[] = [];
  for (const entry of entries) {
    const isFolder = entry.isDirectory();
    const key = `${base}${entry.name}${isFolder ? "/" : ""}`;
    if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
    if (key > after || (isFolder && after.startsWith(key))) keys.push(key);
  }
  keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const key of keys)
    if (key.endsWith("/")) yield* walk(root, key.slice(0, -1), prefix, after);
    else yield key;
}

/** The engine does not sync what it writes. Folders up to the root are synced too: they may be new. */
async function syncFiles(root: string, paths: readonly string[]): Promise<void> {
  const folders = new Set<string>();
  for (const path of paths) {
    const file = await open(path, "r").catch((error: unknown) => {
      throw ioError(`cannot open ${path}`, error);
    });
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
    for (let folder = dirname(path); folder.length >= root.length; folder = dirname(folder))
      folders.add(folder);
  }
  for (const folder of folders) await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";
}

function ioError(message: string, cause: unknown, retryable = false): ShoplakeError {
  const code = codeOf(cause);
  return new ShoplakeError("io", `${message}: ${code || String(cause)}`, {
    cause,
    hint: hints[code] ?? "check that the folder exists and is writable",
    retryable: retryable || code === "ENOSPC",
  });
}

const hints: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: free some space",
  EPERM: "the file system must know hard links (ext4, xfs, APFS, NTFS do; FAT and exFAT do not)",
  ENOTSUP: "the file system must know hard links (ext4, xfs, APFS, NTFS do; FAT and exFAT do not)",
};
