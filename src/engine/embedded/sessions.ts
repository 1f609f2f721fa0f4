/** Sessions named by clients: temporary tables, USE and SET live as long as the session. */
import type { Database, DatabaseSession } from "./database.ts";
import { DatabaseError } from "./errors.ts";

/** The session of one client-given id. */
export interface NamedSession {
  /** Where its statements run. */
  readonly session: DatabaseSession;
  /** What USE chose last. */
  database: string;
}

/** All named sessions of the engine. */
export interface Sessions {
  /** Locks the session of that id for one statement, creating it if need be; `done` unlocks it. */
  take(id: string, params: URLSearchParams): { readonly named: NamedSession; readonly done: () => void };
  /** Ends all of them; only while none runs a statement. */
  closeAll(): void;
}

interface Entry extends NamedSession {
  busy: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Seconds a session is kept without use, unless session_timeout says otherwise; and the most it can say. */
const DEFAULT_TIMEOUT_S = 60;
const MAX_TIMEOUT_S = 3600;

/** No session yet; each ends after its time-out without use. */
export function createSessions(database: Database): Sessions {
  const entries = new Map<string, Entry>();

  function find(id: string, mustExist: boolean): Entry {
    const found = entries.get(id);
    if (found) return found;
    if (mustExist) throw new DatabaseError(372, "Session not found", "SESSION_NOT_FOUND");
    const entry = { session: database.open(), database: "default", busy: false, timer: undefined };
    entries.set(id, entry);
    return entry;
  }

  return {
    take(id, params) {
      const entry = find(id, params.get("session_check") === "1");
      if (entry.busy)
        throw new DatabaseError(373, `Session ${id} is locked by a concurrent client`, "SESSION_IS_LOCKED");
      const timeout = Math.min(Number(params.get("session_timeout") ?? DEFAULT_TIMEOUT_S), MAX_TIMEOUT_S);
      entry.busy = true;
      clearTimeout(entry.timer);
      const end = () => {
        entries.delete(id);
        entry.session.close();
      };
      const done = () => {
        entry.busy = false;
        if (params.get("close_session") === "1") end();
        else entry.timer = setTimeout(end, timeout * 1000).unref();
      };
      return { named: entry, done };
    },
    closeAll() {
      for (const entry of entries.values()) {
        clearTimeout(entry.timer);
        entry.session.close();
      }
      entries.clear();
    },
  };
}
