/** The chDB library: one data directory, many sessions. Only this file touches it. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Session } from "chdb";
import { writePrivateFileSync } from "../../util/private-files.ts";
import { ident, text } from "../sql.ts";
import { collectionsXml } from "./collections.ts";
import type { NamedPlace } from "./start-options.ts";

/** The CommonJS build: the ESM wrapper of chdb loads the optional client integrations too. */
const require = createRequire(import.meta.url);
const chdb = require("chdb") as typeof import("chdb");

/**
 * Two functions below the library's public interface. Insert: the public one tells no rows written for INSERT ... SELECT;
 * this one sends `prefix`, then `data`, as one statement. Close: the public one waits until nothing runs in any session,
 * so that beside one long statement thousands of closed sessions keep their memory (200 kB each).
 */
interface Native {
  InsertRawAsyncConnection(
    connection: unknown,
    prefix: string,
    data: Buffer,
    countLines: boolean,
  ): Promise<{ readonly rowsWritten: number; readonly bytesWritten: number }>;
  CloseConnection(connection: unknown): void;
}
const native = (
  require(join(dirname(require.resolve("chdb")), "dist", "loader.js")) as {
    readonly loadNative: () => Native;
  }
).loadNative();

/** What the library is opened with. */
export interface DatabaseOptions {
  /** Absolute data directory. */
  readonly path: string;
  /** Memory of the whole engine in bytes; a statement beyond it fails with code 241. */
  readonly memoryBytes: number;
  /** Threads of one statement. */
  readonly threads: number;
  /** Named collections; their keys come from this process's environment. */
  readonly s3: readonly NamedPlace[];
}

/** What a statement brought. */
export interface Result {
  /** The result in the format asked for; empty when it went to a file or pipe, or there is none. */
  readonly bytes: Buffer;
  /** Rows read from tables. */
  readonly rowsRead: number;
  /** Bytes read from tables. */
  readonly bytesRead: number;
  /** Of an insert, with what materialized views wrote because of it. */
  readonly rowsWritten: number;
  /** Bytes of the rows written, as they are in memory. */
  readonly bytesWritten: number;
}

/** The result of a statement that read, wrote and returned nothing. */
export const NOTHING: Result = {
  bytes: Buffer.alloc(0),
  rowsRead: 0,
  bytesRead: 0,
  rowsWritten: 0,
  bytesWritten: 0,
};

/** One conversation with the engine: one statement at a time. */
export interface DatabaseSession {
  /** Any other statement; `format` is the format of its result. Throws the engine's error. */
  run(sql: string, format: string): Promise<Result>;
  /** An INSERT of any kind; the engine tells rows written, and none read. */
  insert(sql: string): Promise<Result>;
  /** Only while none of its statements runs. */
  close(): void;
}

/** The open data directory. */
export interface Database {
  /** Version text of ClickHouse. */
  readonly version: string;
  /** A new session; `settings` are private to it. Throws when a setting is unknown or its value malformed. */
  open(settings?: Readonly<Record<string, string>>): DatabaseSession;
  /** Stops running statements that match a condition on system.processes. */
  kill(condition: string): Promise<Result>;
  /** Brings the database `default` back, without which no session can be opened. */
  repair(): Promise<void>;
  /**
   * Waits at most `drainMs` for native work, then lets go of the data directory. When work is left it does not, because that
   * could wait for ever: the process has to end.
   */
  close(drainMs: number): Promise<void>;
}

/** A 2 GB result costs 800 MB of memory with parallel formatting, 100 MB and less time without; a statement may set it. */
const BOUNDED_RESULTS = ["--output_format_parallel_formatting=0"];

/** Opens the data directory; fails when another process has it. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const base = [
    "--background_pool_size=8",
    "--implicit_select=0",
    "--allow_introspection_functions=0",
    "--storage_file_read_method=pread",
    "--max_query_size=67108864",
    ...BOUNDED_RESULTS,
    `--max_server_memory_usage=${options.memoryBytes}`,
    `--max_threads=${options.threads}`,
    ...configFile(options),
  ];
  const open = (settings: Readonly<Record<string, string>> = {}): DatabaseSession => {
    const own = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    return sessionOf(new chdb.Session(options.path, { connectionArgs: [...base, ...own] }));
  };
  const root = open();
  await emptyDefaultDatabase(root);
  await dropHalfReplaced(root);
  const version = (await root.run("SELECT version()", "TSVRaw")).bytes.toString().trimEnd();
  return {
    version,
    open,
    async kill(condition) {
      const session = open();
      try {
        return await session.run(`KILL QUERY WHERE ${condition} ASYNC`, "TSV");
      } finally {
        session.close();
      }
    },
    repair: () => createDefaultDatabase(root),
    async close(drainMs) {
      const drained = chdb.drainPending().then(() => true);
      const late = new Promise<boolean>((resolve) => setTimeout(resolve, drainMs, false));
      if (await Promise.race([drained, late])) root.close();
    },
  };
}

/** The engine takes named collections from a configuration file only. */
function configFile({ path, s3 }: DatabaseOptions): string[] {
  if (s3.length === 0) return [];
  const file = join(dirname(path), "engine-config.xml");
  writePrivateFileSync(file, collectionsXml(s3));
  return [`--config-file=${file}`];
}

/**
 * The library brings up `default` as an overlay that reads any local file named as a table. It is replaced by a database
 * that holds no tables; without one of that name no session can be opened.
 */
async function emptyDefaultDatabase(root: DatabaseSession): Promise<void> {
  const query = `SELECT engine FROM system.databases WHERE name = ${text("default")}`;
  const engine = (await root.run(query, "TSVRaw")).bytes.toString().trimEnd();
  if (engine !== "Overlay") return;
  await root.run(`DROP DATABASE ${ident("default")}`, "TSV");
  await createDefaultDatabase(root);
}

async function createDefaultDatabase(root: DatabaseSession): Promise<void> {
  await root.run(`CREATE DATABASE IF NOT EXISTS ${ident("default")} ENGINE = Dictionary`, "TSV");
}

/** CREATE OR REPLACE and CLONE AS build under a temporary name; a killed engine leaves it behind. */
async function dropHalfReplaced(root: DatabaseSession): Promise<void> {
  const query = "SELECT database, name FROM system.tables WHERE startsWith(name, '_tmp_replace_')";
  const left = (await root.run(query, "JSONCompactEachRow")).bytes.toString().trim();
  for (const line of left === "" ? [] : left.split("\n")) {
    const [database = "", name = ""] = JSON.parse(line) as string[];
    await root.run(`DROP TABLE IF EXISTS ${ident(database)}.${ident(name)}`, "TSV");
  }
}

function sessionOf(session: Session): DatabaseSession {
  return {
    async run(sql, format) {
      const result = await session.queryAsync(sql, { format });
      const view = result.bytes();
      return {
        bytes: Buffer.from(view.buffer, view.byteOffset, view.byteLength),
        rowsRead: result.rowsRead,
        bytesRead: result.bytesRead,
        rowsWritten: 0,
        bytesWritten: 0,
      };
    },
    async insert(sql) {
      const written = await native.InsertRawAsyncConnection(
        session.connection,
        sql,
        Buffer.from("\n"),
        false,
      );
      return { ...NOTHING, ...written };
    },
    close() {
      const { connection } = session;
      session.connection = null;
      session.close();
      native.CloseConnection(connection);
    },
  };
}
