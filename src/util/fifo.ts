/** A named pipe that this process writes and the engine reads, so that bytes flow without a file and without parsing. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { rm } from "node:fs/promises";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { promisify } from "node:util";
import { ShoplakeError } from "./errors.ts";
import { pause, timedOut } from "./wait.ts";

/** Only this user may read and write it. Throws `io` where the file system has no named pipes. */
export async function makeFifo(path: string): Promise<void> {
  await promisify(execFile)("mkfifo", ["-m", "600", path]).catch((cause) => {
    throw new ShoplakeError("io", "A named pipe could not be created.", {
      where: path,
      allowed: "a local Linux or macOS file system",
      cause,
    });
  });
}

/**
 * Opens the pipe for writing as soon as somebody reads it, lets `feed` write into it, and closes it.
 * The end of a pipe looks like success to its reader. So when `feed` fails, `poison` (bytes that the reader's format refuses)
 * is written before the pipe is closed, and the failure is thrown. Throws too when the reader goes away early.
 */
export async function writeFifo<T>(
  path: string,
  feed: (pipe: Writable) => Promise<T>,
  poison: string,
  signal: AbortSignal,
): Promise<T> {
  const pipe = await openForWriting(path, signal);
  const broken = new Promise<never>((_, reject) => {
    pipe.on("error", reject);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    const fed = await Promise.race([feed(pipe), broken]);
    pipe.end();
    await Promise.race([once(pipe, "close"), broken]);
    return fed;
  } catch (error) {
    pipe.end(poison);
    throw error;
  }
}

/**
 * Removes the pipe. A reader that still waits for a writer is let go, with `poison` as its input.
 */
export async function removeFifo(path: string, poison: string): Promise<void> {
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      writeSync(fd, poison);
    } finally {
      closeSync(fd);
    }
  } catch {
    // gone already, or full: then its reader has enough to read and nothing waits
  }
  await rm(path, { force: true });
}

/** The reader is a statement of the engine, which itself waits at most ten minutes for its turn, ms. */
const patience = 15 * 60_000;

/** Opening for writing fails with ENXIO until the reader has come; a blocking open would hold a thread and could not be given up. */
async function openForWriting(path: string, signal: AbortSignal): Promise<Socket> {
  const name = "the engine to read a pipe";
  let waited = 0;
  for (let wait = 1; ; wait = Math.min(wait * 2, 20)) {
    signal.throwIfAborted();
    if (waited > patience) throw timedOut(name, patience);
    try {
      const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      return new Socket({ fd, readable: false, writable: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENXIO")) throw error;
    }
    await pause(wait, { name, signal });
    waited += wait;
  }
}
