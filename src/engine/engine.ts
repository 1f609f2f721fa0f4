/**
 * How the rest of the code talks to ClickHouse, embedded or server: one client over HTTP.
 * Implemented in client.ts; opened by open.ts (finds or starts the embedded engine, or connects to a server).
 */
import type { Readable } from "node:stream";

/** A column as ClickHouse spells it, e.g. { name: "price", type: "Nullable(Decimal(18, 4))" }. */
export interface Column {
  /** As the table spells it, not quoted. */
  readonly name: string;
  /** The full type, with Nullable and LowCardinality. */
  readonly type: string;
}

/** What can be bound to a `{name:Type}` placeholder. */
export type ParameterValue = string | number | boolean | bigint | null | Date | readonly ParameterValue[];

/** Everything about a call beside its statement. */
export interface QueryOptions {
  /** Values of `{name:Type}` placeholders. Bound by the engine, never spliced into the text. Default: none. */
  readonly params?: Readonly<Record<string, ParameterValue>>;
  /** ClickHouse settings for this statement, on top of `defaults.ts`. Default: none. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Statements with the same session id share temporary tables and SET; one at a time. Default: a session of its own. */
  readonly session?: string;
  /** Shown in system.processes; also what a cancel looks for. Default: a random UUID. */
  readonly queryId?: string;
  /** Stops the statement, also in the engine; the call then throws `interrupted`. Default: never. */
  readonly signal?: AbortSignal;
}

/** What the engine counted. */
export interface Summary {
  /** Rows read from tables. */
  readonly readRows: number;
  /** Rows written, with those of materialized views. */
  readonly writtenRows: number;
}

/**
 * All calls throw ShoplakeError `engine`; `retryable` when the same call may succeed later. A statement that an embedded
 * engine did not run, because it had ended, goes to its successor. One whose answer was lost may have been run: it is not
 * sent again here, and who does it again sees to it that this changes nothing.
 */
export interface Engine {
  /** "embedded": the child process of this project. "server": a ClickHouse server by its URL. */
  readonly kind: "embedded" | "server";
  /** Loopback URL of the embedded engine, or the server's, without credentials. */
  readonly url: string;
  /** Version text of ClickHouse, e.g. "26.7.2.1". */
  readonly version: string;
  /** Who this client works for, [a-z0-9]+: part of the names of what it makes for a while, so that a sweep finds its dead owner. */
  readonly owner: string;
  /**
   * Id of the engine's present life: what was in its memory under another id is gone. Embedded: no statement, except
   * after a lost answer, when the engine (or its successor) is asked first. Server: one small SELECT.
   */
  instance(): Promise<string>;
  /** All rows as objects (JSONEachRow). 64-bit integers and decimals arrive as strings, dates as text. Small results only. */
  rows<T = Record<string, unknown>>(sql: string, options?: QueryOptions): Promise<T[]>;
  /** A statement without a result: DDL, INSERT ... SELECT, SET in a session. */
  command(sql: string, options?: QueryOptions): Promise<Summary>;
  /** Inserts a few objects (JSONEachRow). */
  insert(table: string, rows: readonly object[], options?: QueryOptions): Promise<Summary>;
  /** Sends bytes as the body of `INSERT ... FORMAT x` (the statement must end with the FORMAT clause). */
  upload(sql: string, body: Readable, options?: QueryOptions): Promise<Summary>;
  /** The result as raw bytes in `format`, streamed with back-pressure. */
  download(sql: string, format: string, options?: QueryOptions): Promise<Readable>;
  /** Closes this client. An embedded engine that this process started is stopped; one that was found keeps running. */
  close(): Promise<void>;
}
