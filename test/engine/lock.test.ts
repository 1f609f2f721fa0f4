/** The lock of a state folder: one living owner, and none that is dead. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acquireLock, type Lock } from "../../src/engine/embedded/lock.ts";
import { temporaryDir } from "./harness.ts";

let dir: string;
beforeEach(async () => {
  dir = await temporaryDir();
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function taken(pid: number): Lock {
  const lock = acquireLock(dir, pid);
  expect(lock).toEqual({ release: expect.any(Function) });
  return lock as Lock;
}

test("of two living processes one has it, until it gives it back", async () => {
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const lock = taken(process.pid);
  expect(acquireLock(dir, other.pid ?? 0)).toEqual({ heldBy: process.pid });
  lock.release();
  taken(other.pid ?? 0);
  expect(acquireLock(dir, process.pid)).toEqual({ heldBy: other.pid });
  other.kill("SIGKILL");
});

test("that of a process that was killed, or of a later one with its id, is taken over", async () => {
  const dead = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  taken(dead.pid ?? 0);
  dead.kill("SIGKILL");
  await once(dead, "exit");
  taken(process.pid);
  await writeFile(join(dir, "engine.lock"), JSON.stringify({ pid: process.pid, started: "1" }));
  taken(process.pid).release();
});
