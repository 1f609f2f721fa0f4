/** Opens the engine of a project: a server by its URL, the project's running embedded engine, or a new one. */
import { resolve } from "node:path";
import type { EngineConfig } from "../project/project.ts";
import { createEngineClient, type EngineClient } from "./client.ts";
import type { EngineLimits } from "./embedded/start-options.ts";
import type { Engine } from "./engine.ts";
import { isRefused } from "./engine-error.ts";
import type { S3Places } from "./s3-places.ts";
import { attachOrStart, type Running } from "./start.ts";

export interface OpenOptions {
  /** Folder of the project's state; made when missing. The data directory is `warehouse` in it. */
  readonly stateDir: string;
  readonly config: EngineConfig;
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
  return options.config.kind === "server" ? openServer(options.config) : openEmbedded(options);
}

async function openServer(config: Extract<EngineConfig, { kind: "server" }>): Promise<Engine> {
  const client = createEngineClient({
    url: config.url,
    username: config.username,
    password: config.password.reveal(),
  });
  const [first] = await client.rows<{ version: string }>("SELECT version() AS version");
  return { ...client, kind: "server", version: first?.version ?? "" };
}

async function openEmbedded(options: OpenOptions): Promise<Engine> {
  const stateDir = resolve(options.stateDir);
  const env = options.env ?? process.env;
  const config = options.config as Extract<EngineConfig, { kind: "embedded" }>;
  const connect = () =>
    attachOrStart({ stateDir, config, env, s3: options.s3 ?? {}, limits: options.limits ?? {} });
  let current = connected(await connect());
  let reconnecting: Promise<void> | undefined;
  let closed = false;

  /** Calls the engine; when it is not there any more, the statement was not run, and goes to its successor. */
  async function call<T>(use: (client: EngineClient) => Promise<T>): Promise<T> {
    try {
      return await use(current.client);
    } catch (error) {
      if (closed || !isRefused(error)) throw error;
      reconnecting ??= connect()
        .then(async (running) => {
          await current.client.close();
          current = connected(running);
        })
        .finally(() => {
          reconnecting = undefined;
        });
      await reconnecting;
      return use(current.client);
    }
  }

  return {
    kind: "embedded",
    get url() {
      return current.running.address.url;
    },
    version: current.running.address.version,
    rows: (sql, query) => call((client) => client.rows(sql, query)),
    command: (sql, query) => call((client) => client.command(sql, query)),
    insert: (into, rows, query) => call((client) => client.insert(into, rows, query)),
    upload: (sql, body, query) => current.client.upload(sql, body, query),
    download: (sql, format, query) => call((client) => client.download(sql, format, query)),
    async close() {
      closed = true;
      await current.client.close();
      await current.running.stop?.();
    },
  };
}

function connected(running: Running): { readonly running: Running; readonly client: EngineClient } {
  const { url, token } = running.address;
  return { running, client: createEngineClient({ url, username: "default", password: token }) };
}
