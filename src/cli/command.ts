/**
 * What a command is: plain data plus one function. program.ts turns it into a commander command, scripts/docs-cli.mjs into
 * docs/cli.md, completion/ into a shell script. Adding a command: one file in commands/, one test, one line in registry.ts.
 */
import type { CliContext } from "./context.ts";

/** A positional argument. */
export interface ArgumentSpec {
  /** "<dataset>" is required, "[select...]" takes any number. */
  readonly name: string;
  /** What it is, for the help. */
  readonly description: string;
  /** The only values there are. Default: any. */
  readonly choices?: readonly string[];
  /** What a shell completes it with; default: its choices, else nothing. */
  readonly completes?: "dataset" | "file";
}

/** A switch, or an option with a value. */
export interface OptionSpec {
  /** As commander writes it: "--limit <rows>", "--full-refresh". */
  readonly flags: string;
  /** What it does, for the help. */
  readonly description: string;
  /** Value when it is not given. Default: none. */
  readonly default?: string | number | boolean;
  /** The only values there are. Default: any. */
  readonly choices?: readonly string[];
  /** Turns the text into a value; throws a `usage` error with what is allowed. `previous` collects repeated options. */
  readonly parse?: (value: string, previous: unknown) => unknown;
}

/** A command, or a subcommand. */
export interface CommandSpec {
  /** As it is typed. */
  readonly name: string;
  /** First sentence: what it does. More sentences are shown in its own help only. */
  readonly description: string;
  /** In their order. Default: none. */
  readonly arguments?: readonly ArgumentSpec[];
  /** Default: none beside the global ones. */
  readonly options?: readonly OptionSpec[];
  /** Command line and what it does. */
  readonly examples: readonly (readonly [line: string, effect: string])[];
  /** Default: none. */
  readonly subcommands?: readonly CommandSpec[];
  /** Positional arguments flattened, options by camelCase name. Returns the exit code; nothing means 0. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler without a result returns nothing
  run?(context: CliContext, args: readonly string[], options: Options): Promise<number | void>;
}

/** Option values by camelCase name, as commander and `parse` produced them. */
export type Options = Readonly<Record<string, unknown>>;
