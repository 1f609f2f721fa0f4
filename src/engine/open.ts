/** Opens the engine of a project: a server by its URL, the project's running embedded engine, or a new one. */
import { resolve } from "node:path";
import type { EngineConfig } from "../project/project.ts";
import { createEngineClient, type EngineClient } from "./client.ts";
import type { EngineLimits } from "./embedded/start-options.ts";
import type { Engine } from "./engine.ts";
import { isLostAnswer, isRefused } from "./engine-error.ts";
import { serverInstances } from "./instance.ts";
import type { S3Places } from "./s3-places.ts";
import { attachOrStart, type Running } from "./start.ts";

/** What it takes to open an engine. */
export interface OpenOptions {
  /** Folder of the project's state; made when missing. The data directory is `warehouse` in it. */
  readonly stateDir: string;
  /** Which engine, and how large an embedded one may become. */
  readonly config: EngineConfig;
  /** Who the client works for, [a-z0-9]+. Default: the id of this process. */
  readonly owner?: string;
  /** Environment of the engine process. Default: process.env. Only PATH and the like are passed on. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Places in S3 that SQL may name, without keys in its text: s3(<name>, filename = 'a.parquet'). Embedded engine only. */
  readonly s3?: S3Places;
  /** Of an embedded engine started here. Default: 200 waiting for 10 minutes, 5 minutes without a byte, 2 seconds of grace. */
  readonly limits?: Partial<EngineLimits>;
}

/**
 * The engine, ready. An embedded engine belongs to the process that started it and stops with it; others of the same
 * project use it meanwhile. When it stopped under them, their next call starts an engine of their own.
 * Throws "engine" (cannot start, cannot reach, wrong password) with what to do.
 */
export async function openEngine(options: OpenOptions): Promise<Engine> {
  const owner = options.owner ?? String(process.pid);
  return options.config.kind === "server"
    ? openServer(options.config, owner)
    : openEmbedded(options, options.config, owner);
}

async function openServer(config: Extract<EngineConfig, { kind: "server" }>, owner: string): Promise<Engine> {
  const client = createEngineClient({
    url: config.url,
    username: config.username,
    password: config.password.reveal(),
  });
  const [first] = await client.rows<{ version: string }>("SELECT version() AS version");
  const instanceOf = serverInstances();
  return {
    ...client,
    kind: "server",
    version: first?.version ?? "",
    owner,
    async instance() {
      const [life] = await client.rows<{ server: string; start: number }>(
        "SELECT toString(serverUUID()) AS server, toInt32(toUnixTimestamp(now()) - uptime()) AS start",
      );
      return instanceOf({ server: life?.server ?? "", start: life?.start ?? 0 });
    },
  };
}

/** Engines that one call may find gone before it gives up. */
const MOST_ENGINES = 4;

/** A client of one life of the engine. */
interface Connection {
  readonly running: Running;
  readonly client: EngineClient;
}

async function openEmbedded(
  options: OpenOptions,
  config: Extract<EngineConfig, { kind: "embedded" }>,
  owner: string,
): Promise<Engine> {
  const { env = process.env, s3 = {}, limits = {} } = options;
  const where = { stateDir: resolve(options.stateDir), config, env, s3, limits };
  let current = connected(await attachOrStart(where));
  let reconnecting: Promise<void> | undefined;
  let doubted: Connection | undefined;
  let closed = false;

  /** Takes the successor of `lost`; one that lives after all is kept, with what else runs on it. */
  async function reconnect(lost: Connection): Promise<void> {
    if (current !== lost) return;
    reconnecting ??= attachOrStart(where)
      .then(async (running) => {
        if (running.address.instance === lost.running.address.instance) return;
        current = connected(running);
        await lost.client.close();
      })
      .finally(() => {
        reconnecting = undefined;
      });
    await reconnecting;
  }

  /** Calls the engine; when it is not there any more, the statement was not run, and goes to its successor. */
  async function call<T>(use: (client: EngineClient) => Promise<T>): Promise<T> {
    for (let round = 1; ; round++) {
      const used = current;
      try {
        return await use(used.client);
      } catch (error) {
        if (isLostAnswer(error)) doubted = used;
        if (closed || round === MOST_ENGINES || !isRefused(error)) throw error;
        await reconnect(used);
      }
    }
  }

  return {
    kind: "embedded",
    get url() {
      return current.running.address.url;
    },
    version: current.running.address.version,
    owner,
    async instance() {
      if (doubted === current) await call((client) => client.rows("SELECT 1"));
      doubted = undefined;
      return current.running.address.instance;
    },
    rows: (sql, query) => call((client) => client.rows(sql, query)),
    command: (sql, query) => call((client) => client.command(sql, query)),
    insert: (into, rows, query) => call((client) => client.insert(into, rows, query)),
    async upload(sql, body, query) {
      const used = current;
      try {
        return await used.client.upload(sql, body, query);
      } catch (error) {
        if (isLostAnswer(error)) doubted = used;
        // A part of the body may be gone: it is not sent again, but the next call finds an engine.
        if (!closed && isRefused(error)) await reconnect(used).catch(() => undefined);
        throw error;
      }
    },
    download: (sql, format, query) => call((client) => client.download(sql, format, query)),
    async close() {
      closed = true;
      await current.client.close();
      await current.running.stop?.();
    },
  };
}

function connected(running: Running): Connection {
  const { url, token } = running.address;
  return { running, client: createEngineClient({ url, username: "default", password: token }) };
}
