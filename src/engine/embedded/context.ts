/** What all requests of one engine process share. */
import type { Database } from "./database.ts";
import type { Health } from "./health.ts";
import type { Sessions } from "./sessions.ts";
import type { Slots } from "./slots.ts";

/** The parts of a running engine process. */
export interface ServerContext {
  /** The open data directory. */
  readonly database: Database;
  /** Turns of statements. */
  readonly slots: Slots;
  /** Sessions named by clients. */
  readonly sessions: Sessions;
  /** Whether statements work. */
  readonly health: Health;
  /** Named pipes, one per slot. */
  readonly pipes: readonly string[];
  /** Folder for bodies and results that are written to disk. */
  readonly spoolDir: string;
  /** The password of the one user. */
  readonly token: string;
  /** Name of the machine, as clients show it. */
  readonly displayName: string;
  /** A client that takes no byte for so long is cut off, milliseconds. */
  readonly sendTimeoutMs: number;
  /** Ids of running statements. */
  readonly live: Set<string>;
  /** True once the engine stops: new statements are refused. */
  isStopping(): boolean;
  /** Ends this engine at once, because it can serve nobody any more; its owner's next statement starts another one. */
  giveUp(): void;
}
