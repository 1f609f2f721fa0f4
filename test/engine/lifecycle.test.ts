import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addressFile, readAddress } from "../../src/engine/discovery.ts";
import { openEngine } from "../../src/engine/open.ts";
import { TEST_ENGINE, temporaryDir } from "./harness.ts";

let dir: string;
const starters: ChildProcess[] = [];
beforeEach(async () => {
  dir = await temporaryDir();
});
afterEach(async () => {
  for (const child of starters.splice(0)) child.kill("SIGKILL");
  const left = await readAddress(dir);
  if (left) await gone(left.pid);
  await rm(dir, { recursive: true, force: true });
});

const open = () => openEngine({ stateDir: dir, config: TEST_ENGINE });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const gone = (pid: number) => expect.poll(() => isAlive(pid), { timeout: 20_000, interval: 50 }).toBe(false);

/** A process that opens the engine and tells its pid; `open` is the built function. */
function starter(): Promise<{ child: ChildProcess; pid: number }> {
  const child = fork(join(import.meta.dirname, "starter.mjs"), [dir, JSON.stringify(TEST_ENGINE)]);
  starters.push(child);
  return new Promise((resolve, reject) => {
    child.once("message", (pid: number) => resolve({ child, pid }));
    child.once("exit", (code) => reject(new Error(`starter ended with ${code}`)));
  });
}

test("close stops the engine, removes lock, address and spool, and keeps the data", async () => {
  const engine = await open();
  await engine.command("CREATE DATABASE shop");
  await engine.command("CREATE TABLE shop.t (a UInt8) ENGINE = MergeTree ORDER BY a");
  await engine.insert("shop.t", [{ a: 7 }]);
  const address = await readAddress(dir);
  expect((await stat(addressFile(dir))).mode & 0o777).toBe(0o600);
  await engine.close();
  expect(isAlive(address?.pid ?? 0)).toBe(false);
  for (const name of ["engine.json", "engine.lock", "engine-spool"])
    expect(existsSync(join(dir, name))).toBe(false);
  const again = await open();
  expect(await again.rows("SELECT a FROM shop.t")).toEqual([{ a: 7 }]);
  await again.close();
});

test("a second process uses the running engine and leaves it running", async () => {
  const { pid } = await starter();
  const second = await open();
  expect((await readAddress(dir))?.pid).toBe(pid);
  expect(await second.rows("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await second.close();
  expect(isAlive(pid)).toBe(true);
});

test("the engine ends with its starter; another process goes on with one of its own", async () => {
  const { child, pid } = await starter();
  const other = await open();
  await other.command("CREATE DATABASE shop");
  child.kill("SIGKILL");
  await gone(pid);
  expect(await other.rows("SELECT name FROM system.databases WHERE name = 'shop'")).toEqual([
    { name: "shop" },
  ]);
  expect((await readAddress(dir))?.pid).not.toBe(pid);
  await other.close();
});

test("a statement that is running when the engine ends fails with a retryable error", async () => {
  const { child } = await starter();
  const other = await open();
  const slow = other.rows("SELECT sum(sleepEachRow(1)) FROM numbers(60)", {
    settings: { max_block_size: 1, function_sleep_max_microseconds_per_block: 100_000_000 },
  });
  slow.catch(() => {});
  await expect
    .poll(() => other.rows("SELECT 1 FROM system.processes WHERE query LIKE '%sleepEachRow%'"))
    .toHaveLength(2);
  child.kill("SIGKILL");
  await expect(slow).rejects.toMatchObject({ code: "engine", retryable: true });
  await other.close();
}, 30_000);

test("a statement that cannot be stopped does not keep the data directory when the engine ends", async () => {
  const { child, pid } = await starter();
  const other = await open();
  // One call of one function over one block: nothing looks at KILL QUERY for some minutes.
  const endless =
    "SELECT sum(editDistance(materialize(repeat('ab', 30000)), toString(number)||repeat('ba', 30000))) FROM numbers(1000)";
  const lost = other.rows(endless, { settings: { max_threads: 1 } });
  lost.catch(() => {});
  await expect
    .poll(() => other.rows("SELECT 1 FROM system.processes WHERE query LIKE '%editDistance%'"))
    .toHaveLength(2);
  try {
    child.kill("SIGKILL");
    await expect(lost).rejects.toMatchObject({ code: "engine", retryable: true });
    await expect(other.rows("SELECT 1 AS one")).resolves.toEqual([{ one: 1 }]);
    expect((await readAddress(dir))?.pid).not.toBe(pid);
  } finally {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
    await other.close();
  }
}, 180_000);

test("of processes that start at once one brings up the engine", async () => {
  const started = await Promise.all(Array.from({ length: 4 }, starter));
  expect(new Set(started.map(({ pid }) => pid)).size).toBe(1);
});

test("lock and address of a killed engine are taken over", async () => {
  const { child, pid } = await starter();
  process.kill(pid, "SIGKILL");
  child.kill("SIGKILL");
  await gone(pid);
  expect(existsSync(join(dir, "engine.lock"))).toBe(true);
  const engines = await Promise.all([starter(), starter()]);
  expect(engines[0]?.pid).toBe(engines[1]?.pid);
});

test("a lock of a later process with the same pid, and a lock cut short, are stale", async () => {
  await writeFile(join(dir, "engine.lock"), JSON.stringify({ pid: process.pid, started: "1" }));
  await (await open()).close();
  await writeFile(join(dir, "engine.lock"), '{"pid":');
  await (await open()).close();
  expect(await readFile(join(dir, "logs", "engine.log"), "utf8")).toBe("");
});

test("an engine that died by itself is started again", async () => {
  const engine = await open();
  const pid = (await readAddress(dir))?.pid ?? 0;
  process.kill(pid, "SIGKILL");
  await gone(pid);
  expect(await engine.rows("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await engine.close();
});

/** Holds the data directory by the library itself, as an engine does that the system has not let go of yet. */
const holder = `
const session = new (require("chdb").Session)(process.argv[1], { connectionArgs: [] });
process.send("held");
setTimeout(() => process.exit(0), Number(process.argv[2]), session);`;

test("a data directory that another process still holds is waited for", async () => {
  const child = spawn(process.execPath, ["-e", holder, join(dir, "warehouse"), "4000"], {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  starters.push(child);
  await once(child, "message");
  const engine = await open();
  expect(await engine.rows("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await engine.close();
});

test("a data directory that cannot be opened is an error at once", async () => {
  await writeFile(join(dir, "warehouse"), "not a folder");
  const begin = Date.now();
  await expect(open()).rejects.toThrow("did not start");
  expect(Date.now() - begin).toBeLessThan(20_000);
});
