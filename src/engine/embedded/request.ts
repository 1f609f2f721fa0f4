/** What a request says besides its statement: who asks, with which settings, parameters and session. */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { LANE_HEADER, type Lane } from "../lane.ts";
import { DatabaseError } from "./errors.ts";

/** The one user there is. */
const USER = "default";

/**
 * Checks user and token. The token is the password: HTTP Basic, X-ClickHouse-Key, `?password=`, or a bearer token. A missing
 * user name is the one there is.
 */
export function authenticate(request: IncomingMessage, params: URLSearchParams, token: string): void {
  const { user, password } = credentials(request, params);
  const [given, expected] = [Buffer.from(password), Buffer.from(token)];
  const matches = given.length === expected.length && timingSafeEqual(given, expected);
  if (matches && (user === USER || user === "")) return;
  throw new DatabaseError(
    516,
    `Authentication failed: the user is '${USER}', its password the token of the running engine, in engine.json of the state folder`,
    "AUTHENTICATION_FAILED",
  );
}

interface Credentials {
  readonly user: string;
  readonly password: string;
}

function credentials(request: IncomingMessage, params: URLSearchParams): Credentials {
  const header = request.headers.authorization ?? "";
  if (/^Bearer /i.test(header)) return { user: USER, password: header.slice(7).trim() };
  if (/^Basic /i.test(header)) {
    const decoded = Buffer.from(header.slice(6), "base64").toString();
    const colon = decoded.indexOf(":");
    return { user: decoded.slice(0, Math.max(colon, 0)), password: decoded.slice(colon + 1) };
  }
  return {
    user: firstOf(request.headers["x-clickhouse-user"]) ?? params.get("user") ?? USER,
    password: firstOf(request.headers["x-clickhouse-key"]) ?? params.get("password") ?? "",
  };
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

/** What a request sets for its statement. */
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

/** The lane that the platform's own client names; undefined for other clients, which name none. */
export function laneOf(request: IncomingMessage): Lane | undefined {
  const lane = firstOf(request.headers[LANE_HEADER.toLowerCase()]);
  return lane === "load" || lane === "interactive" ? lane : undefined;
}

/** True for the two spellings of a boolean in a URL. */
export function isTrue(value: string | null): boolean {
  return value === "1" || value === "true";
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
