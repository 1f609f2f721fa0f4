/** Connections of one source or sink. A server that was just found down is not waited for again and again. */
import type pg from "pg";
import { isUnreachable, type ShoplakeError } from "./errors.ts";
import { connectPostgres, type PostgresAccess } from "./postgres.ts";
import { postgresTls } from "./postgres-tls.ts";
import type { Reached } from "./reached.ts";

/** How long a server that was found down counts as down: longer than the tasks of a moment need to ask, in milliseconds. */
const downMs = 5000;

/** Opens connections, and closes those that are left. */
export interface PostgresConnector {
  /** Like `connectPostgres`; throws the last error at once when it is younger than a few seconds. */
  connect(signal: AbortSignal): Promise<pg.Client>;
  /** Ends a connection. Never fails. */
  release(client: pg.Client): Promise<void>;
  /** Connects once and says whether others on the way could read along, or answer in its place. */
  probe(signal: AbortSignal): Promise<Reached>;
  /** Ends all connections that are open. May be called again. */
  close(): Promise<void>;
}

/** Connects to nothing yet. Throws `config` for a URL that cannot be read. */
export function postgresConnector(access: PostgresAccess): PostgresConnector {
  const open = new Set<pg.Client>();
  let down: { readonly error: ShoplakeError; readonly since: number } | undefined;

  async function connect(signal: AbortSignal): Promise<pg.Client> {
    if (down !== undefined && performance.now() - down.since < downMs) throw down.error;
    try {
      const client = await connectPostgres(access, signal);
      open.add(client);
      down = undefined;
      return client;
    } catch (error) {
      if (isUnreachable(error)) down = { error, since: performance.now() };
      throw error;
    }
  }

  async function release(client: pg.Client): Promise<void> {
    open.delete(client);
    await client.end().catch(() => {});
  }

  return {
    connect,
    release,
    async probe(signal) {
      await release(await connect(signal));
      return encryption(access);
    },
    async close() {
      await Promise.all([...open].map(release));
    },
  };
}

function encryption({ url, tls: given }: PostgresAccess): Reached {
  const { tls } = postgresTls(url, given);
  if (tls === false) return { notes: ["not encrypted"] };
  if (tls.rejectUnauthorized !== false) return { notes: ["encrypted"] };
  return {
    notes: ["encrypted"],
    warning: {
      message: "but any certificate is taken",
      hint: "give the certificate of the server's authority as tls: { ca }",
    },
  };
}
