import { type CompletedCommand, globalOptions, listDatasets, spellings, topLevel, valued } from "./parts.ts";

/** Defines _shoplake; when it offers nothing, bash offers files. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const top = topLevel(commands).map(({ path }) => path);
  const globals = globalOptions.map(({ name }) => name);
  return `# bash completion of shoplake; use it with: source <(shoplake completion bash)
_shoplake() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in -p|--project) i=$((i + 1)); continue ;; esac
    case "$path \${COMP_WORDS[i]}" in
      ${[" help", ...commands.map(({ path }) => bashPath(path))].map((path) => `"${path}"`).join("|")})
        path="\${path:+$path }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path:$previous" in
    :-p|:--project) ;;
${commands.flatMap(valuesOf).join("\n")}
    *) case "$path" in
      "") words="${[...top, "help", ...globals].join(" ")}" ;;
      help) words="${top.join(" ")}" ;;
${commands.map((command) => `      "${command.path}") words="${wordsOf(command)}" ;;`).join("\n")}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _shoplake shoplake
`;
}

/** As the loop above sees it: what was found before, a blank, the next word. */
function bashPath(path: string): string {
  return path.includes(" ") ? path : ` ${path}`;
}

function valuesOf(command: CompletedCommand): string[] {
  return valued(command).map((option) => {
    const after = spellings(option).map((spelling) => `"${command.path}:${spelling}"`);
    const words = typeof option.value === "string" ? "" : ` words="${option.value.join(" ")}"`;
    return `    ${after.join("|")})${words} ;;`;
  });
}

function wordsOf({ words, options, datasets }: CompletedCommand): string {
  const names = [...words.map(([word]) => word), ...[...options, ...globalOptions].map(({ name }) => name)];
  return names.join(" ") + (datasets ? ` $(${listDatasets})` : "");
}
