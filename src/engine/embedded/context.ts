/** What all requests of one engine process share. */
import type { Database } from "./database.ts";
import type { Sessions } from "./sessions.ts";
import type { Slots } from "./slots.ts";

export interface ServerContext {
  readonly database: Database;
  readonly slots: Slots;
  readonly sessions: Sessions;
  /** Named pipes, one per slot. */
  readonly pipes: readonly string[];
  /** Folder for bodies and results that are written to disk. */
  readonly spoolDir: string;
  readonly token: string;
  readonly displayName: string;
  /** A client that takes no byte for so long is cut off, milliseconds. */
  readonly sendTimeoutMs: number;
  /** Ids of running statements. */
  readonly live: Set<string>;
  /** True once the engine stops: new statements are refused. */
  isStopping(): boolean;
}
