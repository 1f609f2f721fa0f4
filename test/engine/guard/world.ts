/**
 * What the guard is tried on: an engine with the tables of the commerce template, a file that must not be read, a file and a
 * folder that must not change, and a server that must not be asked.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import type { Engine, QueryOptions } from "../../../src/engine/engine.ts";
import { readOnlyStatement } from "../../../src/engine/guard/readonly.ts";
import { messageOf } from "../../../src/util/errors.ts";
import { embeddedForTests } from "../harness.ts";

/** Stands in the canary file; nothing from outside may ever show it. */
const SECRET = "canary-7f3e9d";
const PRECIOUS = "not to be touched\n";

export interface GuardWorld {
  readonly engine: Engine;
  /** A folder of its own, absolute. */
  readonly dir: string;
  readonly canary: string;
  readonly precious: string;
  /** URL of the server that must not be asked. */
  readonly url: string;
  /** Runs what passes the guard, as `shoplake query` does, and says what became of it. */
  attempt(sql: string, options?: Pick<QueryOptions, "params">): Promise<Attempt>;
  /** What was touched since the last call: "file", "network", "changed ..."; empty when nothing was. */
  touched(): readonly string[];
  stop(): Promise<void>;
}

export interface Attempt {
  readonly refused: boolean;
  /** What came out: rows as text, or the message of the error. */
  readonly output: string;
}

export async function guardWorld(): Promise<GuardWorld> {
  const t = await embeddedForTests();
  const dir = join(t.dir, "outside");
  await mkdir(dir);
  const [canary, precious] = [join(dir, "canary.txt"), join(dir, "precious.txt")];
  writeFileSync(canary, `${SECRET}\n`);
  writeFileSync(precious, PRECIOUS);
  const server = await countingServer();
  await createTables(t.engine, canary);
  let leaked = 0;
  return {
    engine: t.engine,
    dir,
    canary,
    precious,
    url: `http://127.0.0.1:${server.port}`,
    async attempt(sql, options = {}) {
      const attempt = await run(t.engine, sql, options);
      if (attempt.output.includes(SECRET)) leaked++;
      return attempt;
    },
    touched() {
      const found = [
        ...(leaked > 0 ? ["file"] : []),
        ...(server.connections() > 0 ? ["network"] : []),
        ...(readFileSync(precious, "utf8") === PRECIOUS ? [] : ["changed precious.txt"]),
        ...readdirSync(dir).filter((name) => !["canary.txt", "precious.txt"].includes(name)),
      ];
      leaked = 0;
      return found;
    },
    async stop() {
      await t.stop();
      server.close();
    },
  };
}

async function run(engine: Engine, sql: string, options: Pick<QueryOptions, "params">): Promise<Attempt> {
  const checked = await readOnlyStatement(engine, sql, options).catch((error: unknown) => messageOf(error));
  if (typeof checked === "string") return { refused: true, output: checked };
  const settings = { ...checked.settings, max_execution_time: 5, max_result_rows: 10_000 };
  try {
    const rows = await engine.download(checked.sql, checked.format ?? "JSONEachRow", {
      ...options,
      settings,
    });
    return { refused: false, output: await readText(rows) };
  } catch (error) {
    return { refused: false, output: messageOf(error) };
  }
}

async function countingServer() {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on("error", () => {}).end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n1\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    connections: () => connections,
    close: () => void server.close(),
  };
}

const dictionary = new URL("../../../templates/commerce/DATA_DICTIONARY.md", import.meta.url);

/** The tables that the template's queries read, with rows that repeat, and one of what is not published. */
async function createTables(engine: Engine, canary: string): Promise<void> {
  for (const database of ["gold", "silver", "bronze", "staging", "ops"])
    await engine.command(`CREATE DATABASE ${database}`);
  const sections = readFileSync(dictionary, "utf8").split(/^### /m);
  for (const section of sections) {
    const name = /^(gold\.\w+|silver\.customers)\n/.exec(section)?.[1];
    if (name === undefined) continue;
    const columns = [...section.matchAll(/^\| `(\w+)` \| `([^`]+)` \|/gm)].map(
      ([, column = "", type = ""]) => ({
        column,
        type,
      }),
    );
    const structure = columns.map(({ column, type }) => `\`${column}\` ${type}`).join(", ");
    await engine.command(`CREATE TABLE ${name} (${structure}) ENGINE = MergeTree ORDER BY tuple()`);
    const values = columns.map(
      ({ column, type }) => `CAST(${sampleOf(column, type)}, '${type.replaceAll("'", "\\'")}')`,
    );
    await engine.command(`INSERT INTO ${name} SELECT ${values.join(", ")} FROM numbers(60)`);
  }
  await engine.command("CREATE TABLE staging.orders (id UInt64) ENGINE = Memory");
  await engine.command("CREATE TABLE ops.runs_log (id UInt64) ENGINE = Memory");
  await engine.command("CREATE VIEW ops.runs AS SELECT * FROM ops.runs_log");
  await engine.command(
    `CREATE VIEW bronze.feed AS SELECT length(line) AS n FROM file('${canary}', 'LineAsString')`,
  );
}

function sampleOf(column: string, type: string): string {
  const plain = type.replace(/^(Nullable|LowCardinality)\((.*)\)$/, "$2");
  if (/^Date(32)?$/.test(plain)) return "toDate('2026-01-01') + number % 50";
  if (/^DateTime/.test(plain)) return "toDateTime('2026-01-01 00:00:00', 'UTC') + number % 50 * 86400";
  if (plain === "String")
    return column === "currency" ? "'EUR'" : `concat('${column.slice(0, 3)}', toString(number % 5))`;
  if (plain === "Bool" || plain === "UInt8") return "number % 2";
  if (/^(Array|Map)/.test(plain)) return "[]";
  return "number % 20 + 1";
}
