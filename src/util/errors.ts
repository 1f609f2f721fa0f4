/**
 * The one error class of the project. Every message says what was given, where, what is allowed and what to do;
 * the CLI prints exactly these parts and never a stack trace.
 */

import type { PlainError } from "../api/errors.ts";

export type { PlainError } from "../api/errors.ts";

/** Stable, documented in docs/errors.md. `internal` is the only one that exits with 2. */
export type ErrorCode =
  | "usage" // wrong command line
  | "config" // shoplake.config.ts, an environment variable, a header
  | "model" // SQL of a model, check, query
  | "source" // a source system or file
  | "sink" // a target system or file
  | "engine" // ClickHouse said no
  | "lake" // a Delta table or its store
  | "conflict" // another writer was faster
  | "locked" // another process holds the lease
  | "quality" // a check failed
  | "unsupported"
  | "io"
  | "interrupted"
  | "internal";

/** One problem of several that are reported together. `file` is relative to the project folder. */
export interface Problem {
  /** What was given and why it is wrong; one line. */
  readonly message: string;
  /** Default: no file is to blame. */
  readonly file?: string;
  /** From 1. Default: not known. */
  readonly line?: number;
  /** What to do now. Default: the message is enough. */
  readonly hint?: string;
}

/** What a message needs beside its sentence. Nothing of it is put into the sentence itself. */
export interface ErrorDetails {
  /** Where: "models/silver/orders.sql:12", "silver.orders", "inbox/a.csv.gz:88". */
  readonly where?: string;
  /** What would have been right. */
  readonly allowed?: string;
  /** What to do now. */
  readonly hint?: string;
  /** True when the same call may succeed later; only the thrower knows. Default false. */
  readonly retryable?: boolean;
  /**
   * True when a whole source or sink cannot be reached: what else needs it fails in the same way, so nothing tries it again in
   * this run. Default false.
   */
  readonly unreachable?: boolean;
  /** When several things are wrong at once. */
  readonly problems?: readonly Problem[];
  /** What was caught before; for developers, never shown to users. */
  readonly cause?: unknown;
}

/** Thrown by everything in this project that can name what is wrong. */
export class ShoplakeError extends Error {
  override readonly name = "ShoplakeError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }

  get retryable(): boolean {
    return this.details.retryable === true;
  }
}

/** True when a task should try again: the same call may succeed later, and no whole system is known to be down. */
export function isRetryable(error: unknown): boolean {
  return error instanceof ShoplakeError && error.retryable && !isUnreachable(error);
}

/** True when a whole source or sink cannot be reached. */
export function isUnreachable(error: unknown): error is ShoplakeError {
  return error instanceof ShoplakeError && error.details.unreachable === true;
}

/** True when the engine went away in the middle: the next call finds or starts another one. */
export function isLostEngine(error: unknown): boolean {
  return error instanceof ShoplakeError && error.code === "engine" && error.retryable;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Anything that is not a ShoplakeError is `internal`. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof ShoplakeError)) return { code: "internal", message: messageOf(error) };
  const { where, allowed, hint } = error.details;
  return {
    code: error.code,
    message: error.message,
    ...(where === undefined ? {} : { where }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(hint === undefined ? {} : { hint }),
  };
}
