/** Everything a command may touch of the outside world; main.ts fills it in, tests pass their own. */

/** A terminal, a pipe or a test's buffer. */
export interface Output extends NodeJS.WritableStream {
  /** True for a terminal. */
  readonly isTTY?: boolean;
  /** Width of the terminal in characters. */
  readonly columns?: number;
  /** Height of the terminal in lines. */
  readonly rows?: number;
}

/** Streams, environment, time and the flags of every command. */
export interface CliContext {
  /** Data only. */
  readonly stdout: Output;
  /** Messages, progress, errors. */
  readonly stderr: Output;
  /** What is typed or piped in. */
  readonly stdin: NodeJS.ReadableStream;
  /** Variables of the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The time. */
  readonly clock: () => Date;
  /** Absolute folder that the user is in. */
  readonly cwd: string;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Options that every command has. */
  readonly flags: GlobalFlags;
}

/** Options that every command has. */
export interface GlobalFlags {
  /** --project: folder of shoplake.config.ts; undefined: looked for upwards from cwd. */
  readonly project: string | undefined;
  /** --json: data for programs on stdout. */
  readonly json: boolean;
  /** --quiet: no messages. */
  readonly quiet: boolean;
  /** --verbose: more messages. */
  readonly verbose: boolean;
  /** False with --no-color, NO_COLOR, or without a terminal. */
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
