/**
 * One engine per state folder: a file made with create-if-absent that names its process. The lock of a process that is
 * gone is taken over. The library's own lock on the data directory is the second guard.
 */
import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../../util/is-alive.ts";
import { writePrivateFileSync } from "../../util/private-files.ts";

/** The lock of a state folder, held by this process. */
export interface Lock {
  /** Gives it back; that of a successor stays. */
  release(): void;
}

interface Owner {
  readonly pid: number;
  /** Start of the process as the system counts it; tells a process from a later one with the same pid. */
  readonly started: string | undefined;
}

/** The lock, or the pid of the process that has it. */
export function acquireLock(stateDir: string, pid: number): Lock | { readonly heldBy: number } {
  const path = join(stateDir, "engine.lock");
  const owner: Owner = { pid, started: processStart(pid) };
  const own = `${path}.${randomUUID()}`;
  writePrivateFileSync(own, JSON.stringify(owner), "wx");
  try {
    for (;;) {
      if (tryLink(own, path)) return { release: () => releaseLock(path, owner) };
      const holder = readOwner(path);
      if (holder && lives(holder)) return { heldBy: holder.pid };
      moveAway(path, holder);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Takes a dead owner's lock away, unless another process replaced it in the meantime: then that one is put back. */
function moveAway(path: string, dead: Owner | undefined): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = readOwner(aside);
  if (moved && (moved.pid !== dead?.pid || moved.started !== dead.started)) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function releaseLock(path: string, owner: Owner): void {
  const current = readOwner(path);
  if (current?.pid === owner.pid && current.started === owner.started) rmSync(path, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readOwner(path: string): Owner | undefined {
  try {
    const value = JSON.parse(readFileSync(path, "utf8")) as Partial<Owner> | null;
    return typeof value?.pid === "number" ? { pid: value.pid, started: value.started } : undefined;
  } catch {
    return undefined;
  }
}

function lives(owner: Owner): boolean {
  if (!isAlive(owner.pid)) return false;
  const started = processStart(owner.pid);
  return owner.started === undefined || started === undefined || started === owner.started;
}

/** Field 22 of /proc/<pid>/stat; undefined where there is no such file. A zombie counts as gone. */
function processStart(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[0] === "Z" ? "zombie" : fields[19];
  } catch {
    return undefined;
  }
}
