/** Writes a file whole or not at all: a reader finds the old one or the new one, never a part. */
import { randomBytes } from "node:crypto";
import { type FileHandle, link, lstat, open, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileFault } from "./file-fault.ts";

/** How a file is written. */
export interface WriteOptions {
  /** Rights of a new file, less what the process takes away. Default 0o666; one that is replaced keeps its own. */
  readonly mode?: number;
  /** False: a file that is there is left, and is an error. Default true. */
  readonly replace?: boolean;
  /** Stops the writing; nothing is left of it then. */
  readonly signal?: AbortSignal;
}

/** A text, or bytes as they come, through transformations. */
export type Content = string | readonly [NodeJS.ReadableStream, ...NodeJS.ReadWriteStream[]];

/**
 * Writes `content` beside `file` and puts it there in one step, safe on disk. What is no plain file (a pipe, /dev/stdout) is
 * written into. Throws `io` with advice for what the file system refuses; a file that was there is as it was then.
 */
export async function writeWhole(file: string, content: Content, options: WriteOptions = {}): Promise<void> {
  try {
    const there = await target(file);
    if (there?.plain === false) await writeInto(file, content, options);
    else await writeBeside(there?.path ?? file, content, { mode: there?.mode ?? 0o666, ...options });
  } catch (error) {
    throw fileFault(error, file) ?? error;
  }
}

interface Target {
  /** With links followed. */
  readonly path: string;
  /** False: a pipe or a device. */
  readonly plain: boolean;
  readonly mode: number;
}

/** What is there now; undefined: nothing. */
async function target(file: string): Promise<Target | undefined> {
  try {
    const path = await realpath(file);
    const found = await lstat(path);
    if (found.isDirectory())
      throw Object.assign(new Error("is a folder"), { code: "EISDIR", syscall: "open" });
    return { path, plain: found.isFile(), mode: found.mode & 0o777 };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function writeInto(file: string, content: Content, { signal }: WriteOptions): Promise<void> {
  const handle = await open(file, "w");
  try {
    await fill(handle, content, signal);
  } finally {
    await handle.close();
  }
}

async function writeBeside(
  file: string,
  content: Content,
  { mode, replace = true, signal }: WriteOptions,
): Promise<void> {
  const temporary = join(dirname(file), `.shoplake-${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = await open(temporary, "wx", mode);
    try {
      await fill(handle, content, signal);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (replace) await rename(temporary, file);
    else await link(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function fill(handle: FileHandle, content: Content, signal: AbortSignal | undefined): Promise<void> {
  if (typeof content === "string") {
    await handle.writeFile(content);
    return;
  }
  const sink = new Writable({
    write: (chunk: Uint8Array, _encoding, done) => void handle.writeFile(chunk).then(() => done(), done),
  });
  await pipeline([...content, sink], { ...(signal && { signal }) });
}
