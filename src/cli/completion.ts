/** Shell completion: commands, subcommands, options; datasets by the files of the project, without starting anything. */
import type { CommandSpec } from "./command.ts";

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  /** Names of subcommands, choices of the first argument. */
  readonly words: readonly string[];
  readonly options: readonly { readonly name: string; readonly description: string }[];
  /** Does an argument name a dataset? */
  readonly datasets: boolean;
}

const globalOptions = ["--project", "--json", "--quiet", "--verbose", "--no-color", "--help"];

/** What a shell needs to know of a command. */
export function completed(spec: CommandSpec, summary: string): CompletedCommand {
  const parts = [spec, ...(spec.subcommands ?? [])];
  const argumentsOf = parts.flatMap((part) => part.arguments ?? []);
  const options = parts.flatMap((part) => part.options ?? []);
  return {
    name: spec.name,
    summary,
    words: [
      ...(spec.subcommands ?? []).map((sub) => sub.name),
      ...argumentsOf.flatMap(({ choices }) => choices ?? []),
    ],
    options: options.flatMap(({ flags, description }) => {
      const name = /--[\w-]+/.exec(flags)?.[0];
      return name === undefined ? [] : [{ name, description }];
    }),
    datasets: argumentsOf.some(({ name }) => /dataset|select/.test(name)),
  };
}

/** models/silver/orders.sql -> silver.orders */
const datasetsOfProject = `ls models/*/*.sql 2>/dev/null | sed -e 's#^models/##' -e 's#\\.sql$##' -e 's#/#.#'`;

export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const cases = commands.map((command) => {
    const words = [...command.words, ...command.options.map(({ name }) => name), ...globalOptions].join(" ");
    const datasets = command.datasets ? ` $(${datasetsOfProject})` : "";
    return `    ${command.name}) words="${words}${datasets}" ;;`;
  });
  return `# bash completion of shoplake; use it with: source <(shoplake completion bash)
_shoplake() {
  local words current="\${COMP_WORDS[COMP_CWORD]}"
  case "\${COMP_CWORD}:\${COMP_WORDS[1]}" in
    1:*) words="${commands.map(({ name }) => name).join(" ")} help ${globalOptions.join(" ")}" ;;
  esac
  if [ "$COMP_CWORD" -gt 1 ]; then case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _shoplake shoplake
`;
}

export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const described = (name: string, text: string) =>
    `'${name}:${text.replace(/'/g, "").replace(/:/g, "\\:")}'`;
  const cases = commands.map((command) => {
    const words = [
      ...command.words.map((word) => `'${word}'`),
      ...command.options.map((o) => described(o.name, o.description)),
    ];
    const datasets = command.datasets ? ` \${(f)"$(${datasetsOfProject})"}` : "";
    return `    ${command.name}) words+=(${words.join(" ")}${datasets}) ;;`;
  });
  return `#compdef shoplake
# zsh completion of shoplake; use it with: source <(shoplake completion zsh)
_shoplake() {
  local -a words_before=("\${words[@]}")
  local command="\${words_before[2]}"
  if (( CURRENT == 2 )); then
    local -a commands=(${commands.map(({ name, summary }) => described(name, summary)).join(" ")})
    _describe command commands
    return
  fi
  local -a words=(${globalOptions.map((name) => `'${name}'`).join(" ")})
  case "$command" in
${cases.join("\n")}
  esac
  _describe value words || _files
}
compdef _shoplake shoplake
`;
}

export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const quote = (text: string) => `'${text.replace(/\\/g, "\\\\").replace(/'/g, "\\'")}'`;
  const lines = commands.flatMap((command) => {
    const here = `complete -c shoplake -n '__fish_seen_subcommand_from ${command.name}'`;
    return [
      `complete -c shoplake -n __fish_use_subcommand -a ${command.name} -d ${quote(command.summary)}`,
      ...command.words.map((word) => `${here} -a ${word}`),
      ...command.options.map(
        (option) => `${here} -l ${option.name.slice(2)} -d ${quote(option.description)}`,
      ),
      ...(command.datasets ? [`${here} -a "(${datasetsOfProject})"`] : []),
    ];
  });
  return `# fish completion of shoplake; use it with: shoplake completion fish | source
${globalOptions.map((name) => `complete -c shoplake -l ${name.slice(2)}`).join("\n")}
${lines.join("\n")}
`;
}
