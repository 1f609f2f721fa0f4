import type { EngineAddress } from "../discovery.ts";

/** When the engine says no to a client, and how long it waits for one. */
export interface EngineLimits {
  /** Statements that may wait for a slot; beyond that code 202, status 503. */
  readonly queue: number;
  /** Longest wait for a slot, milliseconds. */
  readonly queueMs: number;
  /** A client that takes no byte for so long is cut off and its statement killed, milliseconds. */
  readonly sendTimeoutMs: number;
  /** Time that running statements get when the engine stops, milliseconds. */
  readonly graceMs: number;
}

/** What an engine process is started with. Complete: defaults are filled in by the starter. */
export interface StartOptions extends EngineLimits {
  /** Absolute folder for data directory, lock, address file, spool. */
  readonly stateDir: string;
  /** Memory of the engine in bytes. */
  readonly memoryBytes: number;
  /** Threads of one statement. */
  readonly threads: number;
  /** Statements at once. */
  readonly slots: number;
  /** Places in S3 that SQL names: s3(<name>, filename = ...). Keys come from the environment, never from here. */
  readonly s3: readonly NamedPlace[];
}

/** A place in S3 that SQL names. */
export interface NamedPlace {
  /** As in s3(<name>, ...). */
  readonly name: string;
  /** Up to the "/" before the keys. */
  readonly url: string;
  /** Name of the environment variable that holds the id of the access key. */
  readonly keyIdEnv: string;
  /** Name of the environment variable that holds the secret access key. */
  readonly secretEnv: string;
}

/** What the engine process tells its starter. `locked` holds the pid of the engine that is there already. */
export type StartMessage =
  | { readonly ready: EngineAddress }
  | { readonly locked: number }
  | { readonly failed: string };
