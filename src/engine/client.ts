/** The Engine over HTTP, the same for the embedded engine and a server. */
import { randomUUID } from "node:crypto";
import { PassThrough, pipeline, type Readable } from "node:stream";
import { text as readText } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { DEFAULT_SETTINGS } from "./defaults.ts";
import type { Engine, QueryOptions, Summary } from "./engine.ts";
import { replyError, transportError } from "./engine-error.ts";
import { currentLane, LANE_HEADER } from "./lane.ts";
import { parameterText } from "./parameter-text.ts";
import { collectRows, exceptionFilter } from "./result-stream.ts";
import { table as quoteTable, text } from "./sql.ts";

/** Where a client connects to. */
export interface Endpoint {
  /** Without credentials. */
  readonly url: string;
  /** Name of the ClickHouse user. */
  readonly username: string;
  /** Its password; of the embedded engine the token. */
  readonly password: string;
}

/** All of an Engine but what depends on where it runs. */
export type EngineClient = Omit<Engine, "kind" | "version" | "owner" | "instance">;

/** A statement may run for a day. */
const REQUEST_TIMEOUT_MS = 24 * 3600 * 1000;
const MAX_CONNECTIONS = 64;

/** A client of one endpoint. Nothing is sent until the first call. */
export function createEngineClient(endpoint: Endpoint): EngineClient {
  const client = createClient({
    url: endpoint.url,
    username: endpoint.username,
    password: endpoint.password,
    request_timeout: REQUEST_TIMEOUT_MS,
    max_open_connections: MAX_CONNECTIONS,
    application: "shoplake",
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: DEFAULT_SETTINGS,
  });
  const { url } = endpoint;

  async function download(sql: string, format: string, options: QueryOptions = {}): Promise<Readable> {
    const query = `${withoutSemicolon(sql)}\nFORMAT ${format}`;
    return guarded(client, url, options, async (request) => {
      const { stream, tag } = await send(client, { ...request, query });
      return resultStream(stream, tag, options.signal);
    });
  }

  return {
    url,
    download,
    rows: async <T>(sql: string, options: QueryOptions = {}) => {
      const stream = await download(sql, "JSONEachRow", options);
      try {
        return await collectRows<T>(stream);
      } catch (error) {
        throw error instanceof SyntaxError ? error : transportError(error, url, options.signal);
      }
    },
    command: (sql, options = {}) =>
      guarded(client, url, options, async (request) => {
        const { stream, summary } = await send(client, { ...whole(request), query: sql });
        await drain(stream);
        return summary;
      }),
    insert: (into, rows, options = {}) => {
      const body = rows.map((row) => JSON.stringify(row, exact)).join("\n");
      const stream = new PassThrough();
      stream.end(body);
      return upload(`INSERT INTO ${quoteTable(into)} FORMAT JSONEachRow`, stream, options);
    },
    upload,
    close: () => client.close(),
  };

  function upload(sql: string, body: Readable, options: QueryOptions = {}): Promise<Summary> {
    return guarded(client, url, options, async (request) => {
      const query = withoutSemicolon(sql);
      const { stream, summary } = await send(client, { ...whole(request), query, values: body });
      await drain(stream);
      return summary;
    });
  }
}

interface Request {
  readonly query_id: string;
  /** Settings, and parameters as `param_<name>` in the text form of the interface. */
  readonly clickhouse_settings: Record<string, string | number>;
  readonly session_id?: string;
  readonly abort_signal?: AbortSignal;
  readonly http_headers: Record<string, string>;
}

interface Reply {
  readonly stream: Readable;
  /** Marks an error inside the stream; "" when none can come. */
  readonly tag: string;
  readonly summary: Summary;
}

/** One request. An error reply is read whole and thrown. */
async function send(
  client: ClickHouseClient,
  request: Request & { readonly query: string; readonly values?: Readable },
): Promise<Reply> {
  const { values, ...rest } = request;
  const params = { ...(values ? rest : longParametersInForm(rest)), ignore_error_response: true };
  const reply = await (values ? client.exec({ ...params, values }) : client.exec(params));
  const { stream, response_headers: headers, http_status_code: status = 200 } = reply;
  if (status >= 400 || headers["x-clickhouse-exception-code"] !== undefined)
    throw replyError((await readText(stream)) || `HTTP status ${status}`);
  return {
    stream,
    tag: String(headers["x-clickhouse-exception-tag"] ?? ""),
    summary: {
      readRows: Number(reply.summary?.read_rows ?? 0),
      writtenRows: Number(reply.summary?.written_rows ?? 0),
    },
  };
}

/** Characters of parameters that fit into a URL for all servers and proxies. */
const MAX_URL_PARAMETERS = 4096;

/** Parameters too long for a URL go into the body as form fields, next to the statement. */
function longParametersInForm<T extends Request & { readonly query: string }>(request: T) {
  const settings = Object.entries(request.clickhouse_settings);
  const [fields, others] = [
    settings.filter(isParameter),
    settings.filter((setting) => !isParameter(setting)),
  ];
  const length = fields.reduce((sum, [, value]) => sum + String(value).length, 0);
  if (length <= MAX_URL_PARAMETERS) return request;
  const boundary = randomUUID();
  const part = ([name, value]: readonly [string, string | number]) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  return {
    ...request,
    query: `${part(["query", request.query])}${fields.map(part).join("")}--${boundary}--\r\n`,
    clickhouse_settings: Object.fromEntries(others),
    http_headers: {
      ...request.http_headers,
      "Content-Type": `multipart/form-data; boundary=${boundary}`,
    },
  };
}

function isParameter([name]: readonly [string, string | number]): boolean {
  return name.startsWith("param_");
}

/** Reads what is left, so that the connection can be used again. */
function drain(stream: Readable): Promise<void> {
  return finished(stream.resume());
}

function parametersOf({ params = {} }: QueryOptions): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [`param_${name}`, parameterText(value)]),
  );
}

/** Runs one call: options in the client's words, errors in ours, and a KILL when it is aborted on the way. */
async function guarded<T>(
  client: ClickHouseClient,
  url: string,
  options: QueryOptions,
  call: (request: Request) => Promise<T>,
): Promise<T> {
  const request: Request = {
    query_id: options.queryId ?? randomUUID(),
    clickhouse_settings: { ...parametersOf(options), ...options.settings },
    http_headers: { [LANE_HEADER]: currentLane() },
    ...(options.session ? { session_id: options.session } : {}),
    ...(options.signal ? { abort_signal: options.signal } : {}),
  };
  try {
    options.signal?.throwIfAborted();
    return await call(request);
  } catch (error) {
    if (options.signal?.aborted) await kill(client, request.query_id);
    throw transportError(error, url, options.signal);
  }
}

/** A server goes on after the client hung up; this stops it. A statement that is gone already is no error. */
async function kill(client: ClickHouseClient, queryId: string): Promise<void> {
  await client.command({ query: `KILL QUERY WHERE query_id = ${text(queryId)} ASYNC` }).catch(() => {});
}

/** A server answers only when the statement is done, so that its status says whether it succeeded. */
function whole(request: Request): Request {
  return { ...request, clickhouse_settings: { wait_end_of_query: 1, ...request.clickhouse_settings } };
}

function resultStream(stream: Readable, tag: string, signal: AbortSignal | undefined): Readable {
  const abort = () => stream.destroy(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal?.addEventListener("abort", abort, { once: true });
  stream.once("close", () => signal?.removeEventListener("abort", abort));
  if (tag === "") return stream;
  return pipeline(stream, exceptionFilter(tag), () => {});
}

/** JSON.stringify with 64-bit integers as strings. */
function exact(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

function withoutSemicolon(sql: string): string {
  return sql.replace(/[\s;]+$/, "");
}
