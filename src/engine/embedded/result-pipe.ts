/** Results leave the engine through named pipes: any format streams, and a slow reader slows the engine down. */
import { execFile } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

/** Makes `count` named pipes in `dir`, one per slot. */
export async function makePipes(dir: string, count: number): Promise<readonly string[]> {
  const paths = Array.from({ length: count }, (_, i) => join(dir, `out${i}`));
  await promisify(execFile)("mkfifo", ["-m", "600", ...paths]);
  return paths;
}

/** A pipe that waits for the engine to write. */
export interface OpenPipe {
  /** The result, with back-pressure. */
  readonly readable: Socket;
  /** Lets go of the writer that kept the pipe open before the engine came: after the statement, so the reader sees the end. */
  closeWriter(): void;
}

/** Opens a pipe for one statement. */
export function openPipe(path: string): OpenPipe {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const readable = new Socket({ fd: reader, readable: true, writable: false });
  readable.on("error", () => {});
  let open = true;
  return {
    readable,
    closeWriter() {
      if (open) closeSync(writer);
      open = false;
    },
  };
}
