/**
 * How the rest of the code talks to ClickHouse, embedded or server: one client over HTTP.
 * Implemented in client.ts; opened by open.ts (finds or starts the embedded engine, or connects to a server).
 */
import type { Readable } from "node:stream";

/** A column as ClickHouse spells it, e.g. { name: "price", type: "Nullable(Decimal(18, 4))" }. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

export type ParameterValue = string | number | boolean | bigint | null | Date | readonly ParameterValue[];

export interface QueryOptions {
  /** Values of `{name:Type}` placeholders. Bound by the engine, never spliced into the text. */
  readonly params?: Readonly<Record<string, ParameterValue>>;
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Statements with the same session id share temporary tables and SET; one at a time. */
  readonly session?: string;
  /** Shown in system.processes; also what a cancel looks for. */
  readonly queryId?: string;
  readonly signal?: AbortSignal;
}

export interface Summary {
  readonly readRows: number;
  readonly writtenRows: number;
}

export interface Engine {
  readonly kind: "embedded" | "server";
  /** Loopback URL of the embedded engine, or the server's, without credentials. */
  readonly url: string;
  /** Version text of ClickHouse, e.g. "26.7.2.1". */
  readonly version: string;
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
