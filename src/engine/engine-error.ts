/** Errors of ClickHouse and of the way to it, as ShoplakeErrors. */
import { messageOf, ShoplakeError } from "../util/errors.ts";

/**
 * Codes after which the same statement may succeed: busy or stopping engine, network, a part or table in between two
 * states, total memory in use by others.
 */
const RETRYABLE = new Set([159, 202, 203, 209, 210, 218, 242, 252, 279, 285, 319, 373, 425, 439, 999]);

const NETWORK = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_SOCKET",
]);

/** What the engine said, with its number. The cause of a ShoplakeError with code "engine". */
export class ClickHouseFailure extends Error {
  override readonly name = "ClickHouseFailure";
  /** ClickHouse's error number, e.g. 60. */
  readonly number: number;
  /** Its name, e.g. "UNKNOWN_TABLE". */
  readonly type: string;

  constructor(number: number, type: string, message: string) {
    super(message);
    this.number = number;
    this.type = type;
  }
}

/** ClickHouse's error number of anything thrown here, e.g. 60 for an unknown table; undefined when it was not ClickHouse. */
export function clickHouseCode(error: unknown): number | undefined {
  const cause = error instanceof ShoplakeError ? error.cause : error;
  return cause instanceof ClickHouseFailure ? cause.number : undefined;
}

/** What an engine that is about to end answers to a new statement, which it does not run. */
export const STOPPING = "The engine is stopping; open it again";

/** True when the connection was refused, or the engine is about to end: the statement was not run. */
export function isRefused(error: unknown): boolean {
  const cause = error instanceof ShoplakeError ? error.cause : error;
  if (clickHouseCode(error) === 210) return messageOf(cause).startsWith(STOPPING);
  return codeOf(cause) === "ECONNREFUSED";
}

/** True when the engine ended, or could not be reached any more, before its answer was complete: the statement may have been run. */
export function isLostAnswer(error: unknown): boolean {
  if (!(error instanceof ShoplakeError) || error.code !== "engine" || !error.retryable) return false;
  const number = clickHouseCode(error);
  return number === undefined || number === 210;
}

/** An error reply of ClickHouse: `Code: 60. DB::Exception: ... (UNKNOWN_TABLE) (version 26.7.2.1 ...)`. */
export function replyError(text: string): ShoplakeError {
  const found = /Code: (\d+)\.(?: DB::Exception:)? ?([\s\S]*)/.exec(text);
  const number = Number(found?.[1] ?? 0);
  const body = (found?.[2] ?? text).trim().replace(/ \(version [^()]*(?:\([^()]*\))?\)\s*$/, "");
  const type = /\(([A-Z][A-Z0-9_]+)\)\s*$/.exec(body)?.[1] ?? "UNKNOWN";
  const message = body.replace(/\s*\([A-Z][A-Z0-9_]+\)\s*$/, "").replace(/^DB::Exception: /, "");
  const total = number === 241 && /\(total\)/.test(message);
  const s3Busy = number === 499 && /response code: (5\d\d|429)\b|timeout|connection|host/i.test(message);
  const hint = hintFor(number);
  return new ShoplakeError("engine", `${message} (ClickHouse ${number} ${type})`, {
    retryable: total || s3Busy || RETRYABLE.has(number),
    cause: new ClickHouseFailure(number, type, message),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Anything thrown on the way to the engine or back. What was stopped by a signal says why the signal did so. */
export function transportError(error: unknown, url: string, signal?: AbortSignal): ShoplakeError {
  if (error instanceof ShoplakeError) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (isAbort(error) && signal?.reason instanceof ShoplakeError) return signal.reason;
  if (isAbort(error))
    return new ShoplakeError("interrupted", "The statement was cancelled", { cause: error });
  const network = code !== undefined && NETWORK.has(code);
  if (network || /socket hang up|aborted|Timeout error|premature/i.test(message))
    return new ShoplakeError("engine", `No answer from ClickHouse at ${url}: ${message}`, {
      retryable: true,
      hint: "It stopped or cannot be reached; what was running may or may not be done. Run the command again.",
      cause: error,
    });
  return new ShoplakeError("engine", message, { cause: error });
}

function hintFor(number: number): string | undefined {
  if (number === 241)
    return "Raise engine.memoryBytes in shoplake.config.ts, lower concurrency, or select less at once.";
  if (number === 202) return "Too many statements at once; try again, or raise engine.slots.";
  if (number === 516) return "Check user and password of the engine's URL.";
  return undefined;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return typeof code === "string" ? code : codeOf(cause);
}

function isAbort(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === "AbortError" || /user aborted a request/i.test(error.message))
  );
}
