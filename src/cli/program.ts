/** Turns command data into a commander program. Only the module of the command that is asked for is loaded. */
import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { ShoplakeError } from "../util/errors.ts";
import type { CommandSpec, OptionSpec } from "./command.ts";
import type { CliContext, GlobalFlags } from "./context.ts";
import { commands } from "./registry.ts";
import { exitCodes } from "./terminal/failure.ts";
import { wantsColor } from "./terminal/style.ts";

/** What the outside gives; the flags come from the command line. */
export type Surroundings = Omit<CliContext, "flags">;

/** Version of the package, e.g. "0.1.0". */
export function packageVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/**
 * Runs one command line (without node and script). Returns the exit code.
 * @throws ShoplakeError `usage` for a wrong command line, and whatever the command throws.
 */
export async function runProgram(surroundings: Surroundings, argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = await buildProgram(surroundings, argv, (exitCode) => {
    code = exitCode;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.help") return exitCodes.failed;
    if (error.exitCode !== 0) throw usageError(error, argv);
  }
  return code;
}

/** The whole program; commands other than the one named in `argv` are there with their summary only. */
export async function buildProgram(
  surroundings: Surroundings,
  argv: readonly string[],
  done: (exitCode: number) => void = () => {},
): Promise<Command> {
  const asked = argv.find((argument) => commands.some((command) => command.name === argument));
  const program = rootCommand(surroundings);
  if (asked === undefined) program.version(packageVersion(), "-V, --version", "print the version");
  for (const { name, summary, load } of commands) {
    if (name === asked || argv.includes("--all-commands")) {
      const { command } = await load();
      program.addCommand(toCommander(command, surroundings, done).summary(summary));
    } else program.addCommand(inherit(program, new Command(name)).summary(summary));
  }
  return program;
}

function rootCommand(surroundings: Surroundings): Command {
  return settle(new Command("shoplake"), surroundings)
    .description(
      "A whole e-commerce data platform: sources, lake, warehouse, checks and KPIs on one machine.",
    )
    .option("-p, --project <dir>", "folder of shoplake.config.ts (default: looked for upwards from here)")
    .option("--json", "one JSON document on stdout; a line per event for streams")
    .option("-q, --quiet", "no messages, only data and errors")
    .option("-v, --verbose", "more messages")
    .option("--no-color", "no colours (also: NO_COLOR=1)")
    .helpCommand("help [command]", "print help of a command")
    .addHelpText(
      "after",
      "\nStart here:\n  shoplake demo      a generated shop, from PostgreSQL to KPIs\n  shoplake init      a project of your own\n\nExit codes: 0 good, 1 something failed and was explained, 2 a bug in shoplake, 130 interrupted.",
    );
}

function toCommander(spec: CommandSpec, surroundings: Surroundings, done: (code: number) => void): Command {
  const command = settle(new Command(spec.name), surroundings).description(spec.description);
  for (const argument of spec.arguments ?? []) {
    const added = command.createArgument(argument.name, argument.description);
    if (argument.choices) added.choices([...argument.choices]);
    command.addArgument(added);
  }
  for (const option of spec.options ?? []) command.addOption(toOption(option));
  for (const subcommand of spec.subcommands ?? [])
    command.addCommand(toCommander(subcommand, surroundings, done));
  if (spec.examples.length > 0) command.addHelpText("after", examplesText(spec.examples));
  const { run } = spec;
  if (run)
    command.action(async () => {
      const context = { ...surroundings, flags: globalFlags(command, surroundings) };
      done((await run(context, command.args, command.opts())) ?? 0);
    });
  return command;
}

function toOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.description);
  if (spec.default !== undefined) option.default(spec.default);
  if (spec.choices) option.choices([...spec.choices]);
  if (spec.parse) option.argParser(spec.parse);
  return option;
}

/** Errors are thrown, not printed; help goes to stdout and knows the global options. */
function settle(command: Command, surroundings: Surroundings): Command {
  return command
    .exitOverride()
    .helpOption("-h, --help", "print help")
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void surroundings.stdout.write(text),
      writeErr: (text) => void surroundings.stdout.write(text),
      outputError: () => {},
      getOutHelpWidth: () => Math.min(surroundings.stdout.columns ?? 100, 120),
      getErrHelpWidth: () => Math.min(surroundings.stdout.columns ?? 100, 120),
      getOutHasColors: () => wantsColor(true, surroundings.stdout.isTTY, surroundings.env),
      getErrHasColors: () => false,
    });
}

function inherit(program: Command, command: Command): Command {
  return command.copyInheritedSettings(program);
}

function globalFlags(command: Command, surroundings: Surroundings): GlobalFlags {
  const values = command.optsWithGlobals();
  return {
    project: typeof values["project"] === "string" ? values["project"] : undefined,
    json: values["json"] === true,
    quiet: values["quiet"] === true,
    verbose: values["verbose"] === true,
    color: wantsColor(values["color"] !== false, surroundings.stderr.isTTY, surroundings.env),
  };
}

function examplesText(examples: CommandSpec["examples"]): string {
  const longest = Math.max(...examples.map(([line]) => line.length));
  return `\nExamples:\n${examples.map(([line, effect]) => `  ${line.padEnd(longest)}  ${effect}`).join("\n")}`;
}

/** commander's "error: unknown option '--jsn'\n(Did you mean --json?)" as an error of ours. */
function usageError(error: CommanderError, argv: readonly string[]): ShoplakeError {
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = /Did you mean (?:one of )?(.+)\?/.exec(rest.join(" "))?.[1];
  const [stated = first, allowed] = first.split(/\. Allowed choices are |\. Allowed choice is /);
  const message = stated.replace(
    /^command-argument value '(.*)' is invalid for argument '(.*)'$/,
    '$2 is "$1"',
  );
  const known = argv.find((argument) => commands.some((command) => command.name === argument));
  const help = `see: shoplake ${known ? `${known} ` : ""}--help`;
  return new ShoplakeError("usage", message, {
    ...(allowed ? { allowed: allowed.replace(/\.$/, "") } : {}),
    hint: suggestion ? `did you mean ${suggestion}? ${help}` : help,
  });
}
