/** What everything that talks to PostgreSQL shares: connecting with retries, errors with hints, quoting. */
import type pg from "pg";
import type { ErrorCode } from "./errors.ts";
import { messageOf, ShoplakeError } from "./errors.ts";
import { handshakeProblem, type PostgresTls, postgresTls } from "./postgres-tls.ts";
import { postgresAddress } from "./postgres-url.ts";
import { unreachable } from "./reached.ts";
import { reusingSocket } from "./reusing-socket.ts";
import { pause } from "./wait.ts";

/** Where a server is, how to get in, and how patiently. */
export interface PostgresAccess {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  /** Default: as the URL says. */
  readonly tls?: PostgresTls | undefined;
  /** How often a failed connection is tried again; waits 0.5 s, 1 s, 2 s, ... in between. */
  readonly retries: number;
  /** `source` or `sink`: the code of the errors. */
  readonly role: Extract<ErrorCode, "source" | "sink">;
}

/**
 * The text forms of this session: everything that COPY writes is exact and the same on every server.
 * extra_float_digits above 0 gives the shortest text that reads back to the same float.
 */
const sessionSettings = [
  "SET client_encoding = 'UTF8'",
  "SET DateStyle = 'ISO, YMD'",
  "SET IntervalStyle = 'postgres'",
  "SET TimeZone = 'UTC'",
  "SET extra_float_digits = 3",
  "SET bytea_output = 'hex'",
  "SET statement_timeout = 0",
  "SET idle_in_transaction_session_timeout = 0",
].join(";");

/**
 * Opens one connection with fixed text forms (UTC, ISO dates, exact floats, no time-outs). Lost or refused connections are tried
 * again; then, and for anything else (password, database name), a `source` or `sink` error marked `unreachable` that never holds the
 * password.
 */
export async function connectPostgres(access: PostgresAccess, signal?: AbortSignal): Promise<pg.Client> {
  const place = postgresPlace(access.url);
  const { url, tls } = tlsAt(place, access);
  // Only now: a project that talks to no PostgreSQL does not wait for its code.
  const { default: pg } = await import("pg");
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client({
      connectionString: url,
      application_name: "shoplake",
      connectionTimeoutMillis: 15_000,
      keepAlive: true,
      ssl: tls,
      ...(tls === false && { stream: reusingSocket }),
    });
    // Without a listener a connection that breaks while idle would end the process; the next query reports it.
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query(sessionSettings);
      return client;
    } catch (cause) {
      await client.end().catch(() => {});
      const error = postgresError(cause, access.role, place);
      if (signal?.aborted) throw signal.reason;
      if (!error.retryable || attempt >= access.retries) throw unreachable(error, access.role);
      await pause(Math.min(500 * 2 ** attempt, 30_000), { name: `PostgreSQL at ${place}`, signal });
    }
  }
}

function tlsAt(place: string, access: PostgresAccess) {
  try {
    return postgresTls(access.url, access.tls);
  } catch (error) {
    if (!(error instanceof ShoplakeError)) throw error;
    throw new ShoplakeError(error.code, error.message, { ...error.details, where: place });
  }
}

/** "host:port/database", for messages. Throws `config` for a URL that cannot be read. */
export function postgresPlace(url: string): string {
  const { host, port, database } = postgresAddress(url);
  return `${host}:${port}${database === "" ? "" : `/${database}`}`;
}

const hints: Readonly<Record<string, string>> = {
  "28P01": "Check user and password in the URL.",
  "28000": "Check the user in the URL and the server's pg_hba.conf.",
  "3D000": "Check the database name at the end of the URL.",
  "42501": "Grant the user of the URL the rights this needs.",
  ECONNREFUSED: "Is the server running, and are host and port of the URL right?",
  ENOTFOUND: "Check the host name in the URL.",
};

/** Turns anything that pg threw into our error. Retryable: connection lost or refused, server starting or stopping, no resources. */
export function postgresError(error: unknown, code: ErrorCode, where: string): ShoplakeError {
  if (error instanceof ShoplakeError) return error;
  const state = stateOf(error);
  const message = firstMessage(error);
  const handshake = handshakeProblem(state, message, error);
  const hint = handshake?.hint ?? hints[state];
  return new ShoplakeError(code, `PostgreSQL: ${handshake?.message ?? message}`, {
    where,
    ...(handshake?.allowed !== undefined && { allowed: handshake.allowed }),
    ...(hint !== undefined && { hint }),
    retryable: isTransient(state, message),
    cause: error,
  });
}

function stateOf(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  return typeof inner === "object" && inner !== null && "code" in inner ? String(inner.code) : "";
}

function firstMessage(error: unknown): string {
  const inner: unknown = error instanceof AggregateError && error.message === "" ? error.errors[0] : error;
  const detail =
    typeof inner === "object" && inner !== null && "detail" in inner && typeof inner.detail === "string"
      ? ` (${inner.detail})`
      : "";
  return `${messageOf(inner)}${detail}`;
}

/** Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html and names of Node's socket errors. */
function isTransient(state: string, message: string): boolean {
  return (
    /^(08...|53...|57P..|40001|40P01|55P03|58030|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(
      state,
    ) || /connection terminated|timeout expired|timeout exceeded/i.test(message)
  );
}

/** Quotes an identifier for PostgreSQL: my"table -> "my""table". */
export function pgIdent(name: string): string {
  return `"${name.replace(/"/g, '""')}"`;
}

/** A text literal for PostgreSQL where no parameter can be bound (COPY takes none). */
export function pgText(value: string): string {
  const quoted = `'${value.replace(/'/g, "''")}'`;
  return value.includes("\\") ? `E${quoted.replace(/\\/g, "\\\\")}` : quoted;
}
