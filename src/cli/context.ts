/** Everything a command may touch of the outside world; main.ts fills it in, tests pass their own. */

/** A terminal, a pipe or a test's buffer. */
export interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface CliContext {
  /** Data only. */
  readonly stdout: Output;
  /** Messages, progress, errors. */
  readonly stderr: Output;
  readonly stdin: NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: () => Date;
  /** Absolute folder the user stands in. */
  readonly cwd: string;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  readonly flags: GlobalFlags;
}

export interface GlobalFlags {
  /** --project: folder of shoplake.config.ts; undefined: looked for upwards from cwd. */
  readonly project: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
}

/** A line for a person on stderr; nothing with --quiet. */
export function say(context: CliContext, line = ""): void {
  if (!context.flags.quiet) context.stderr.write(`${line}\n`);
}

/** One JSON document on stdout, indented for people when it is a terminal. BigInt becomes a string. */
export function writeJson(context: CliContext, document: unknown): void {
  context.stdout.write(`${JSON.stringify(document, plain, context.stdout.isTTY ? 2 : undefined)}\n`);
}

/** Lines of data on stdout. */
export function writeLines(context: CliContext, lines: readonly string[]): void {
  if (lines.length > 0) context.stdout.write(`${lines.join("\n")}\n`);
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
