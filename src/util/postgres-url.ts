/**
 * The URL of a PostgreSQL server, read strictly: what `pg` would guess at is refused. A URL that is spelled wrongly is read with a
 * part of its password as host or database, and every message would show that.
 */
import { ShoplakeError } from "./errors.ts";

/** Where a URL leads; nothing of it is secret. */
export interface PostgresAddress {
  /** Name or address, or the folder of a Unix socket. Default "localhost". */
  readonly host: string;
  /** Default 5432. */
  readonly port: number;
  /** "" when the URL names none: then it is the user's name. */
  readonly database: string;
  /** "" when the URL names none: then it is that of the system. */
  readonly user: string;
}

/** Reads a URL. Throws `config`, without a part of the URL, when it is not spelled as `allowed` says. */
export function postgresAddress(url: string): PostgresAddress {
  if (!/^postgres(ql)?:\/\/[^#?]*(\?[^#@]*)?$/.test(url)) throw unreadable();
  const parsed = parsedUrl(url);
  const { searchParams, password } = parsed;
  const [, path = ""] = /^\/?([^/]*)$/.exec(parsed.pathname) ?? [];
  if (parsed.pathname.length > path.length + 1) throw unreadable();
  // Only to see that it can be read: pg does it again.
  plain(password);
  return {
    user: searchParams.get("user") ?? plain(parsed.username),
    host: harmless(searchParams.get("host") ?? plain(parsed.hostname)) || "localhost",
    port: portOf(searchParams.get("port") ?? parsed.port),
    database: harmless(plain(path)),
  };
}

const thisMachine = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** "host:port/database" with one spelling for each: equal for URLs that lead to the same database. Throws as `postgresAddress` does. */
export function postgresServer(url: string): string {
  const { host, port, database, user } = postgresAddress(url);
  const name = host.toLowerCase();
  return `${thisMachine.test(name) ? "localhost" : name}:${port}/${database || user}`;
}

function parsedUrl(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw unreadable();
  }
}

function portOf(text: string): number {
  if (!/^\d{0,5}$/.test(text) || Number(text) > 65_535) throw unreadable();
  return Number(text) || 5432;
}

/** Without its percent-encoding. */
function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unreadable();
  }
}

/** Characters that come after a password or between words, never in the name of a host or a database. */
function harmless(name: string): string {
  if (/[@;=&?#]/.test(name)) throw unreadable();
  return name;
}

function unreadable(): ShoplakeError {
  return new ShoplakeError("config", "The URL of the PostgreSQL server cannot be read.", {
    allowed: "postgres://user:password@host:port/database",
    hint: "Letters like @ : / ? # % in the password must be percent-encoded. The form host=... password=... is not supported.",
  });
}
