import { type CompletedCommand, globalOptions, listDatasets, spellings, topLevel, valued } from "./parts.ts";

/** Works sourced and as a file _shoplake in $fpath. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const top = topLevel(commands).map(({ path, summary }) => described(path, summary));
  const globals = globalOptions.map(({ name, description }) => described(name, description));
  return `#compdef shoplake
# zsh completion of shoplake; use it with: source <(shoplake completion zsh)
_shoplake() {
  local at="" previous="\${words[CURRENT-1]}" i
  local -a offered global_options top_commands
  global_options=(${globals.join(" ")})
  top_commands=(${top.join(" ")})
  for ((i = 2; i < CURRENT; i++)); do
    case "\${words[i]}" in -p|--project) ((i++)); continue ;; esac
    case "$at/\${words[i]}" in
      ${["help", ...commands.map(({ path }) => path)].map(zshPath).join("|")}) at="\${at:+$at }\${words[i]}" ;;
    esac
  done
  case "$at:$previous" in
    :-p|:--project) _files -/; return ;;
${commands.flatMap(valuesOf).join("\n")}
  esac
  case "$at" in
    "") offered=($top_commands 'help:print help of a command' $global_options) ;;
    help) offered=($top_commands) ;;
${commands.map((command) => `    "${command.path}") offered=(${offeredBy(command)}) ;;`).join("\n")}
  esac
  _describe -V value offered || _files
}
if [[ "$funcstack[1]" == _shoplake ]]; then
  _shoplake "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
  compdef _shoplake shoplake
fi
`;
}

/** As the loop above sees it: what was found before, a slash, the next word. */
function zshPath(path: string): string {
  const words = path.split(" ");
  return `"${words.slice(0, -1).join(" ")}/${words.at(-1)}"`;
}

function valuesOf(command: CompletedCommand): string[] {
  return valued(command).map((option) => {
    const after = spellings(option).map((spelling) => `"${command.path}:${spelling}"`);
    const { value } = option;
    const offer = value === "file" ? "_files" : value === "text" ? "_message value" : "";
    return typeof value === "string"
      ? `    ${after.join("|")}) ${offer}; return ;;`
      : `    ${after.join("|")}) offered=(${value.join(" ")}); _describe value offered; return ;;`;
  });
}

function offeredBy({ words, options, datasets }: CompletedCommand): string {
  return [
    ...words.map(([word, description]) => described(word, description)),
    ...options.map(({ name, description }) => described(name, description)),
    ...(datasets ? [`\${(f)"$(${listDatasets})"}`] : []),
    "$global_options",
  ].join(" ");
}

function described(name: string, text: string): string {
  return `'${name}:${text.replace(/'/g, "").replace(/:/g, "\\:")}'`;
}
