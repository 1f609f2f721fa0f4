/** Finds the running engine of a state folder, or starts one. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { EngineConfig } from "../project/project.ts";
import { ShoplakeError } from "../util/errors.ts";
import { makePrivateFolderSync, openPrivateLogSync, openStateFolderSync } from "../util/private-files.ts";
import { addressFile, type EngineAddress, readAddress } from "./discovery.ts";
import type { EngineLimits, StartMessage, StartOptions } from "./embedded/start-options.ts";
import { namedPlaces, placeKeys, type S3Places } from "./s3-places.ts";

/** An engine that answers. */
export interface Running {
  /** Where it listens, and which of its lives this is. */
  readonly address: EngineAddress;
  /** Stops the engine; only where it was started here. */
  readonly stop?: () => Promise<void>;
}

/** What an engine is looked for, or started, with. */
export interface Where {
  /** Absolute folder of the project's state. */
  readonly stateDir: string;
  /** Memory, threads and slots of an engine that is started. */
  readonly config: Extract<EngineConfig, { kind: "embedded" }>;
  /** The environment; only PATH and the like are passed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** In the place of the default limits. */
  readonly limits: Partial<EngineLimits>;
  /** Places in S3 that SQL may name. */
  readonly s3: S3Places;
}

/** Generous: a run may send many statements at once, and a large load may hold all slots for minutes. */
const DEFAULT_LIMITS: EngineLimits = {
  queue: 200,
  queueMs: 600_000,
  sendTimeoutMs: 300_000,
  graceMs: 2000,
};

/** How long another process may take to bring up its engine, or to stop it, before we give up: milliseconds. */
const PATIENCE_MS = 60_000;

/** The data directory is held, though our lock is free: an engine that was killed is still being torn down by the system. */
const HELD = /Cannot lock file/;

/** Engines that may be killed while they start (by the system when memory is short, by a person) before we give up. */
const MOST_KILLED = 4;

/** How long an engine that is starting or stopping may take before it counts as stuck. */
const STUCK_MS = 25_000;

function endStuck(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended in the meantime
  }
}

/**
 * Of processes that call this at the same time one starts the engine and the others find it. An engine that is killed while
 * it starts is started again. Throws `engine`: at once when it cannot start, retryable when it was killed each time or
 * another process's engine does not answer for a minute.
 */
export async function attachOrStart(where: Where): Promise<Running> {
  const begin = Date.now();
  let holder: number | undefined;
  let refused: ShoplakeError | undefined;
  let killed = 0;
  do {
    const address = await readAddress(where.stateDir);
    if (address && (await answers(address))) return { address };
    const started = await start(where);
    if ("address" in started) return started;
    if ("killed" in started) {
      if (++killed === MOST_KILLED) throw startError(started.killed, where.stateDir, true);
    } else if ("failed" in started) {
      refused = startError(started.failed, where.stateDir);
      if (!HELD.test(lastWords(where.stateDir))) throw refused;
    } else {
      holder = started.locked;
      // It has withdrawn its address and cannot end: a native call does not return. What it acknowledged is on disk.
      if (address === undefined && Date.now() - begin > STUCK_MS) endStuck(holder);
    }
    await sleep(50);
  } while (Date.now() - begin < PATIENCE_MS);
  if (holder === undefined && refused !== undefined) throw refused;
  throw new ShoplakeError("engine", `The engine of this project (process ${holder}) does not answer`, {
    where: addressFile(where.stateDir),
    hint: `If process ${holder} hangs, end it (kill ${holder}) and run the command again.`,
    retryable: true,
  });
}

/** True when the engine of that address answers to its token. */
export function answers(address: EngineAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { "X-ClickHouse-Key": address.token };
    const ping = request(`${address.url}/ping`, { headers, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on("timeout", () => ping.destroy());
    ping.on("error", () => resolve(false));
    ping.end();
  });
}

/** `killed`: the process ended before it said anything. `failed`: it said why it cannot start. */
type Attempt =
  | Running
  | { readonly locked: number }
  | { readonly failed: string }
  | { readonly killed: string };

async function start(where: Where): Promise<Attempt> {
  const { stateDir, config, env } = where;
  const options: StartOptions = {
    stateDir,
    memoryBytes: config.memoryBytes,
    threads: config.threads,
    slots: config.slots,
    ...DEFAULT_LIMITS,
    ...where.limits,
    s3: namedPlaces(where.s3),
  };
  openStateFolderSync(stateDir);
  makePrivateFolderSync(join(stateDir, "logs"));
  const log = openPrivateLogSync(join(stateDir, "logs", "engine.log"));
  const child = spawn(process.execPath, [mainFile(), JSON.stringify(options)], {
    stdio: ["pipe", log, log, "pipe"],
    /** deltaLakeLocal() reads only below the working directory, and a path must not mean one thing here, another there. */
    cwd: "/",
    env: { ...engineEnv(env, config.slots), ...placeKeys(where.s3) },
  });
  closeSync(log);
  const message = await firstMessage(child, stateDir);
  if (!("ready" in message)) return message;
  holdLoosely(child);
  return { address: message.ready, stop: () => stop(child) };
}

/** The built file; the sources themselves are not run by node. */
function mainFile(): string {
  const here = fileURLToPath(import.meta.url);
  const file = fileURLToPath(new URL("./embedded/main.js", import.meta.url));
  return here.endsWith(".ts") ? file.replace(/([\\/])src([\\/]engine[\\/]embedded)/, "$1dist$2") : file;
}

/** Passed on to the engine: what finding programs, certificates and temporary folders needs, no secrets. */
const PASSED_ON = ["PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH"];

/** Each slot holds a thread of libuv's pool; some more serve files and sessions. */
function engineEnv(env: Where["env"], slots: number): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), TZ: "UTC", UV_THREADPOOL_SIZE: String(slots + 8) };
}

function firstMessage(
  child: ChildProcess,
  stateDir: string,
): Promise<StartMessage | { readonly killed: string }> {
  const channel = child.stdio[3] as Readable;
  return new Promise((resolve, reject) => {
    let line = "";
    channel.on("data", (chunk: Buffer) => {
      line += chunk.toString();
      if (line.endsWith("\n")) resolve(JSON.parse(line) as StartMessage);
    });
    child.on("error", (error) => reject(startError(error.message, stateDir)));
    child.on("close", (code, signal) => {
      if (signal !== null) resolve({ killed: `it was ended by ${signal}` });
      else reject(startError(`it ended with ${code}`, stateDir));
    });
  });
}

function startError(reason: string, stateDir: string, retryable = false): ShoplakeError {
  const words = lastWords(stateDir);
  return new ShoplakeError("engine", `The embedded engine did not start: ${reason}`, {
    where: stateDir,
    retryable,
    hint: `See logs/engine.log in that folder${words && `, which ends with: ${words}`}; \`shoplake doctor\` checks the machine.`,
  });
}

/** The last line of the engine's log that says something, at most 500 characters; '' without a log. */
function lastWords(stateDir: string): string {
  try {
    const lines = readFileSync(join(stateDir, "logs", "engine.log"), "utf8")
      .slice(-4000)
      .split("\n");
    return lines.findLast((line) => line.trim() !== "")?.slice(0, 500) ?? "";
  } catch {
    return "";
  }
}

/** The engine does not keep our process alive; when we end, its standard input closes and it ends too. */
function holdLoosely(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) {
    if (stream && "unref" in stream && typeof stream.unref === "function") stream.unref();
  }
  child.stdin?.on("error", () => {});
}

/** Closes its standard input, waits for its end, and kills it when it does not end. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.ref();
  child.stdin?.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  await ended;
  clearTimeout(timer);
}
