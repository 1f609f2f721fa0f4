/** What a request says besides its statement: who asks, with which settings, parameters and session. */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { DatabaseError } from "./errors.ts";

/** Checks the token, given as password of HTTP Basic, X-ClickHouse-Key, ?password= or a bearer token. */
export function authenticate(request: IncomingMessage, params: URLSearchParams, token: string): void {
  const given = passwordOf(request, params);
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  if (a.length === b.length && timingSafeEqual(a, b)) return;
  throw new DatabaseError(
    516,
    "Authentication failed: the token is missing or wrong; the running engine's token is in engine.json of the state folder",
    "AUTHENTICATION_FAILED",
  );
}

function passwordOf(request: IncomingMessage, params: URLSearchParams): string {
  const header = request.headers.authorization ?? "";
  if (/^Bearer /i.test(header)) return header.slice(7).trim();
  if (/^Basic /i.test(header)) {
    const decoded = Buffer.from(header.slice(6), "base64").toString();
    return decoded.slice(decoded.indexOf(":") + 1);
  }
  return firstOf(request.headers["x-clickhouse-key"]) ?? params.get("password") ?? "";
}

/** Parameters of the interface itself; every other one is a setting, `param_x` a query parameter. */
const RESERVED = new Set([
  "query",
  "database",
  "default_format",
  "query_id",
  "session_id",
  "session_timeout",
  "session_check",
  "close_session",
  "user",
  "password",
  "quota_key",
  "compress",
  "decompress",
  "wait_end_of_query",
  "buffer_size",
  "role",
  "client_protocol_version",
  "stacktrace",
  "framing",
  "log_comment",
]);

export interface Bindings {
  /** Settings for this statement only. */
  readonly settings: readonly (readonly [string, string])[];
  /** Query parameters, with their `param_` prefix. */
  readonly parameters: readonly (readonly [string, string])[];
}

/** Sorts the URL's parameters; those that start with a prefix of `ignore` belong to someone else. */
export function bindingsOf(params: URLSearchParams, ignore: readonly string[]): Bindings {
  const settings: (readonly [string, string])[] = [];
  const parameters: (readonly [string, string])[] = [];
  for (const [name, value] of params) {
    if (name.startsWith("param_")) parameters.push([name, value]);
    else if (!RESERVED.has(name) && !ignore.some((prefix) => name.startsWith(prefix)))
      settings.push([name, value]);
  }
  return { settings, parameters };
}

/** The database named in the URL or a header. */
export function databaseOf(request: IncomingMessage, params: URLSearchParams): string | undefined {
  return params.get("database") || firstOf(request.headers["x-clickhouse-database"]) || undefined;
}

/** The format of a result for which the statement names none. */
export function defaultFormat(request: IncomingMessage, params: URLSearchParams): string {
  return firstOf(request.headers["x-clickhouse-format"]) || params.get("default_format") || "TabSeparated";
}

export function isTrue(value: string | null): boolean {
  return value === "1" || value === "true";
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
