/** Errors as a ClickHouse server words them, with its HTTP status for each code. */

/** An error of the interface itself, worded like the engine's own. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: number;
  readonly status: number | undefined;

  /** `label` is the name of the code, e.g. "SYNTAX_ERROR". */
  constructor(code: number, message: string, label: string, status?: number) {
    super(`Code: ${code}. DB::Exception: ${message}. (${label})`);
    this.code = code;
    this.status = status;
  }
}

/** An error as it is sent. */
export interface ErrorReply {
  /** Number of the error, e.g. 60. */
  readonly code: number;
  /** HTTP status. */
  readonly status: number;
  /** The message, with its version and a line end. */
  readonly text: string;
}

/** Codes by status, as in ClickHouse's exceptionCodeToHTTPStatus; every other code is 500. */
const CODES_BY_STATUS: readonly (readonly [number, readonly number[]])[] = [
  [400, [6, 26, 27, 33, 38, 41, 43, 51, 53, 62, 69, 70, 72, 117, 321, 636]],
  [401, [194]],
  [403, [164, 192, 193, 497, 516]],
  [404, [46, 47, 50, 56, 60, 63, 73, 75, 81, 82, 115, 128, 152, 153, 214]],
  [408, [159]],
  [413, [223]],
  [501, [48]],
  [503, [202, 209, 439]],
];
const STATUS = new Map(CODES_BY_STATUS.flatMap(([status, codes]) => codes.map((code) => [code, status])));

/** The reply to anything thrown. A message of the engine that wraps itself is unwrapped. */
export function errorReply(error: unknown, version: string): ErrorReply {
  let message = error instanceof Error ? error.message : String(error);
  for (;;) {
    const inner = WRAPPED.exec(message);
    if (!inner) break;
    message = `Code: ${inner[1]}. DB::Exception: ${inner[2]} (${inner[3]})`;
  }
  const found = /^Code: (\d+)\./.exec(message)?.[1];
  const code = found === undefined ? 1000 : Number(found);
  if (found === undefined) message = `Code: 1000. DB::Exception: ${message}. (POCO_EXCEPTION)`;
  const status = (error instanceof DatabaseError ? error.status : undefined) ?? STATUS.get(code) ?? 500;
  const text = `${message.replace(/ \(version [\d.]+\)$/, "")} (version ${version} (official build))\n`;
  return { code, status, text };
}

const WRAPPED =
  /^Code: (\d+)\. DB::Exception: Code: \1\. DB::Exception: ([\s\S]*) \(([A-Z0-9_]+)\) \(version [\d.]+\)\. \(\3\)$/;
