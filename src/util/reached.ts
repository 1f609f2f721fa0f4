/** Whether a system outside can be reached. */

import type { ErrorCode } from "./errors.ts";
import { messageOf, ShoplakeError } from "./errors.ts";

/** What there is to say of a system that answers. */
export interface Reached {
  /** Short notes for a person: "not encrypted", "/data/reports is writable". */
  readonly notes: readonly string[];
  /** What is worth changing though it works; undefined: nothing. */
  readonly warning?: {
    /** "any certificate is accepted" */
    readonly message: string;
    /** What to do. */
    readonly hint: string;
  };
}

/** The error for a source or sink that cannot be reached: the same words, and no task tries it again (`isRetryable`). */
export function unreachable(error: unknown, code: ErrorCode): ShoplakeError {
  if (!(error instanceof ShoplakeError))
    return new ShoplakeError(code, messageOf(error), { unreachable: true, cause: error });
  return new ShoplakeError(error.code, error.message, {
    ...error.details,
    unreachable: true,
    cause: error,
  });
}
