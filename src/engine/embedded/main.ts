/**
 * The engine process: `node main.js '<StartOptions as JSON>'`. It lives as long as its standard input is open, from its
 * first moment on, tells its starter one line on file descriptor 3, and is found by others through engine.json.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { rmSync, writeSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { makePrivateFolderSync, openStateFolderSync } from "../../util/private-files.ts";
import { removeAddress, writeAddress } from "../discovery.ts";
import type { ServerContext } from "./context.ts";
import { type Database, openDatabase } from "./database.ts";
import { createHealth } from "./health.ts";
import { acquireLock, type Lock } from "./lock.ts";
import { makePipes } from "./result-pipe.ts";
import { createHttpServer } from "./server.ts";
import { createSessions } from "./sessions.ts";
import { createSlots } from "./slots.ts";
import type { StartMessage, StartOptions } from "./start-options.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as StartOptions;

/** Milliseconds that native work may take to end after everything was stopped. */
const DRAIN_MS = 5000;

/** The library writes data files, metadata and temporary files: rows of customers, for their owner only. */
const PRIVATE_UMASK = 0o077;

async function main(): Promise<void> {
  process.umask(PRIVATE_UMASK);
  openStateFolderSync(options.stateDir);
  const lock = acquireLock(options.stateDir, process.pid);
  if ("heldBy" in lock) return tell({ locked: lock.heldBy });
  const ending = onEnd(async () => {
    lock.release();
    end();
  });
  try {
    await serve(lock, ending);
  } catch (error) {
    lock.release();
    tell({ failed: error instanceof Error ? error.message : String(error) });
    end();
  }
}

async function serve(lock: Lock, ending: Ending): Promise<void> {
  const { stateDir } = options;
  const spoolDir = join(stateDir, "engine-spool");
  rmSync(spoolDir, { recursive: true, force: true });
  makePrivateFolderSync(spoolDir);
  const pipes = makePipes(spoolDir, options.slots);
  const database = await openDatabase({ ...options, path: join(stateDir, "warehouse") });
  let stopping = false;
  const context: ServerContext = {
    database,
    slots: createSlots({ slots: options.slots, queue: options.queue, queueMs: options.queueMs }),
    sessions: createSessions(database),
    health: createHealth(database, () => performance.now()),
    pipes: await pipes,
    spoolDir,
    token: randomBytes(24).toString("base64url"),
    displayName: hostname(),
    sendTimeoutMs: options.sendTimeoutMs,
    live: new Set(),
    isStopping: () => stopping,
    giveUp: () => {
      process.stderr.write("The engine ends, because statements fail and nothing else can help.\n");
      void removeAddress(stateDir, process.pid).finally(() => {
        lock.release();
        end();
      });
    },
  };
  const server = createHttpServer(context);
  const port = await listen(server);
  const address = {
    pid: process.pid,
    url: `http://127.0.0.1:${port}`,
    token: context.token,
    version: database.version,
    instance: randomUUID(),
  };
  ending.stop = async () => {
    stopping = true;
    await removeAddress(stateDir, process.pid);
    await stopStatements(server, context);
    await closeDatabase(database, context);
    rmSync(spoolDir, { recursive: true, force: true });
    lock.release();
    end();
  };
  await writeAddress(stateDir, address);
  tell({ ready: address });
}

/**
 * Not by process.exit: the library's hook on it closes every session that is left, and closing one whose statement still runs
 * may wait for ever, with the data directory held.
 */
function end(): void {
  process.kill(process.pid, "SIGKILL");
}

/** What happens when the engine has to end: changes when there is more to stop. */
interface Ending {
  stop: () => Promise<void>;
}

/** The end of standard input or SIGTERM. An interrupt from the terminal goes to the starter, which then closes our input. */
function onEnd(first: Ending["stop"]): Ending {
  const ending: Ending = { stop: first };
  const fail = (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    end();
  };
  let begun = false;
  const run = () => {
    if (begun) return;
    begun = true;
    void ending.stop().catch(fail);
  };
  process.on("SIGTERM", run);
  process.on("SIGINT", () => {});
  process.on("SIGHUP", () => {});
  process.stdin.on("end", run).on("close", run).on("error", run).resume();
  return ending;
}

/** Lets running statements end for the grace time, then kills them. */
async function stopStatements(server: Server, { slots, database }: ServerContext): Promise<void> {
  server.close();
  server.closeIdleConnections();
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
  const end = Date.now() + options.graceMs;
  while (slots.running() > 0 && Date.now() < end) await pause();
  for (let round = 0; slots.running() > 0 && round < 500; round++) {
    if (round % 10 === 0) database.kill("1").catch(() => {});
    await pause();
  }
  server.closeAllConnections();
}

async function closeDatabase(database: Database, { sessions }: ServerContext): Promise<void> {
  sessions.closeAll();
  await database.close(DRAIN_MS);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** One line to the starter, if it still listens. */
function tell(message: StartMessage): void {
  try {
    writeSync(3, `${JSON.stringify(message)}\n`);
  } catch {
    // a starter that is gone has closed our input too
  }
}

await main();
