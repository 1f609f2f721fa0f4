/** What a shell is to offer after which words: made from the commands' data, the same for every shell. */
import type { CommandSpec, OptionSpec } from "../command.ts";

/** An option of a command. */
export interface CompletedOption {
  /** "--limit" */
  readonly name: string;
  /** "-n" */
  readonly short: string | undefined;
  /** What it does. */
  readonly description: string;
  /** What follows it: nothing, one of some words, a file or folder, or a text that nobody can guess. */
  readonly value: "none" | "file" | "text" | readonly string[];
}

/** A command or subcommand. */
export interface CompletedCommand {
  /** "run", "quarantine list" */
  readonly path: string;
  /** One line. */
  readonly summary: string;
  /** Subcommands with their summaries, choices of an argument. */
  readonly words: readonly (readonly [word: string, description: string])[];
  /** Of this command alone. */
  readonly options: readonly CompletedOption[];
  /** Does an argument name a dataset? */
  readonly datasets: boolean;
  /** Does an argument name a file or folder? */
  readonly files: boolean;
}

/** The command and its subcommands. */
export function completed(spec: CommandSpec, summary: string, above = ""): CompletedCommand[] {
  const given = spec.arguments ?? [];
  const subcommands = spec.subcommands ?? [];
  const path = above + spec.name;
  return [
    {
      path,
      summary,
      words: [
        ...subcommands.map((sub): [string, string] => [sub.name, firstSentence(sub.description)]),
        ...given.flatMap(({ choices, description }) =>
          (choices ?? []).map((choice): [string, string] => [choice, description]),
        ),
      ],
      options: (spec.options ?? []).flatMap(completedOption),
      datasets: given.some(({ completes }) => completes === "dataset"),
      files: given.some(({ completes }) => completes === "file"),
    },
    ...subcommands.flatMap((sub) => completed(sub, firstSentence(sub.description), `${path} `)),
  ];
}

/** Options that every command takes. */
export const globalOptions: readonly CompletedOption[] = [
  { flags: "-p, --project <dir>", description: "folder of the project" },
  { flags: "--json", description: "data as JSON on stdout" },
  { flags: "-q, --quiet", description: "no messages" },
  { flags: "-v, --verbose", description: "more messages" },
  { flags: "--no-color", description: "no colours" },
  { flags: "-h, --help", description: "print help" },
].flatMap(completedOption);

function completedOption({ flags, description, choices }: OptionSpec): CompletedOption[] {
  const name = /--[\w-]+/.exec(flags)?.[0];
  if (name === undefined) return [];
  const placeholder = /<(.+)>/.exec(flags)?.[1];
  const value =
    placeholder === undefined ? "none" : (choices ?? (/dir|file/.test(placeholder) ? "file" : "text"));
  return [{ name, short: /^-\w\b/.exec(flags)?.[0], description: firstSentence(description), value }];
}

function firstSentence(text: string): string {
  return text.replace(/[.;]\s.*$/s, "").replace(/\.$/, "");
}

/** Commands of the first level. */
export function topLevel(commands: readonly CompletedCommand[]): readonly CompletedCommand[] {
  return commands.filter(({ path }) => !path.includes(" "));
}

/** Options with a value, of the command and of all. */
export function valued({ options }: CompletedCommand): readonly CompletedOption[] {
  return [...options, ...globalOptions].filter(({ value }) => value !== "none");
}

/** "--limit" and "-n". */
export function spellings({ name, short }: CompletedOption): readonly string[] {
  return short === undefined ? [name] : [short, name];
}

/**
 * A command line that lists the datasets of the project in this folder: models/silver/orders.sql -> silver.orders. Without the
 * shell's own patterns, which no two shells treat alike, and only plain names: a shell may look at what it prints once more.
 */
export const listDatasets = `find models -name '*.sql' 2>/dev/null | sed -n 's#^models/\\([a-z]*\\)/\\([A-Za-z0-9_]*\\)[.]sql$#\\1.\\2#p' | sort`;
