/** Which files are there. */
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { Readable } from "node:stream";
import { messageOf, ShoplakeError } from "../../../util/errors.ts";
import { glob } from "./glob.ts";

/** A stored file or object, before its content is known. */
export interface StoredFile {
  /** What `_file` says: relative to the project, absolute when the pattern is, or the key of an S3 object. */
  readonly path: string;
  /** Bytes as stored. */
  readonly size: number;
  /** Changes when the content may have changed. */
  readonly stamp: string;
  /** Milliseconds since 1970, UTC. */
  readonly modified: number;
  /** Absolute path of a local file; undefined for an object. */
  readonly local: string | undefined;
  /** Its bytes as stored; the stream fails when the file is gone. */
  open(): Promise<Readable>;
}

/** The folder that a pattern begins with, absolute. Throws `source` when it cannot be listed. */
export async function folderOf(pattern: string, projectDir: string): Promise<string> {
  const { base } = glob(pattern.replace(/^(\.\/)+/, ""));
  const folder = isAbsolute(pattern) ? base || "/" : join(projectDir, base);
  await readdir(folder).catch((cause: unknown) => {
    throw cannotList(pattern, base, cause);
  });
  return folder;
}

function cannotList(pattern: string, base: string, cause: unknown): ShoplakeError {
  return new ShoplakeError(
    "source",
    `Cannot list the folder ${base === "" ? "." : base}: ${messageOf(cause)}`,
    { where: pattern, hint: "Create the folder, or correct `path` in the source's options.", cause },
  );
}

/** Local files that match, ordered by path. Links to files are followed, links to folders only where the pattern names them. */
export async function listLocal(pattern: string, projectDir: string): Promise<StoredFile[]> {
  const wanted = glob(pattern.replace(/^(\.\/)+/, ""));
  const absolute = (path: string) => (isAbsolute(path) ? path : join(projectDir, path));
  const base = wanted.base === "" && isAbsolute(pattern) ? "/" : wanted.base;
  const names = await walk(absolute(base), base, wanted.deep).catch((cause: unknown) => {
    throw cannotList(pattern, base, cause);
  });
  const files: StoredFile[] = [];
  for (const some of chunks(names.filter(wanted.matches).sort(), 64))
    for (const file of await Promise.all(some.map((path) => describe(path, absolute(path)))))
      if (file !== undefined) files.push(file);
  return files;
}

async function walk(folder: string, name: string, deep: boolean): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = name === "" || name.endsWith("/") ? name + entry.name : `${name}/${entry.name}`;
    if (!entry.isDirectory()) found.push(path);
    else if (deep) for (const below of await walk(join(folder, entry.name), path, true)) found.push(below);
  }
  return found;
}

/** undefined for what is no regular file, or is gone already. */
async function describe(path: string, local: string): Promise<StoredFile | undefined> {
  const info = await stat(local, { bigint: true }).catch((error: unknown) => {
    if (isGone(error)) return undefined;
    throw unreadable(path, error);
  });
  if (info === undefined || !info.isFile()) return undefined;
  return {
    path,
    size: Number(info.size),
    stamp: `${info.size}-${info.mtimeNs}-${info.ino}`,
    modified: Number(info.mtimeMs),
    local,
    open: async () => createReadStream(local, { highWaterMark: 1 << 20 }),
  };
}

/** True when the file is no longer what was listed. */
export async function hasChanged(file: StoredFile): Promise<boolean> {
  if (file.local === undefined) return false;
  const now = await describe(file.path, file.local);
  return now?.stamp !== file.stamp;
}

/** True for the system's error about a file that is not there any more. */
export function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

/** The error for a file that is there but may not be read. */
export function unreadable(path: string, cause: unknown): ShoplakeError {
  return new ShoplakeError("source", `Cannot read ${path}: ${messageOf(cause)}`, {
    where: path,
    hint: "Let the user that runs shoplake read the file, or move it out of the source's path.",
    cause,
  });
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
