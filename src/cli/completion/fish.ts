import {
  type CompletedCommand,
  type CompletedOption,
  globalOptions,
  listDatasets,
  topLevel,
} from "./parts.ts";

/** Files are offered only where an argument or option takes one. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const top = topLevel(commands);
  const lines = [
    ...top.map(({ path, summary }) => `${at("")} -a ${path} -d ${quote(summary)}`),
    `${at("")} -a help -d ${quote("print help of a command")}`,
    ...top.map(({ path, summary }) => `${at("help")} -a ${path} -d ${quote(summary)}`),
    ...globalOptions.map((option) => `complete -c shoplake ${optionOf(option)}`),
    ...commands.flatMap(linesOf),
  ];
  return `# fish completion of shoplake; use it with: shoplake completion fish | source
function __shoplake_path
  set -l path
  set -l words (commandline -opc)
  set -l value 0
  for word in $words[2..-1]
    if test $value = 1
      set value 0
    else if contains -- $word -p --project
      set value 1
    else if contains -- (string join -- ' ' $path $word) help ${commands.map(({ path }) => quote(path)).join(" ")}
      set -a path $word
    end
  end
  string join -- ' ' $path
end
function __shoplake_at
  set -l path (__shoplake_path)
  test "$path" = "$argv"
end
complete -c shoplake -f
${lines.join("\n")}
`;
}

function linesOf(command: CompletedCommand): string[] {
  const here = at(command.path);
  return [
    ...command.words.map(([word, description]) => `${here} -a ${word} -d ${quote(description)}`),
    ...(command.datasets ? [`${here} -a ${quote(`(${listDatasets})`)}`] : []),
    ...(command.files ? [`${here} -F`] : []),
    ...command.options.map((option) => `${here} ${optionOf(option)}`),
  ];
}

function optionOf({ name, short, description, value }: CompletedOption): string {
  const flags = [`-l ${name.slice(2)}`, ...(short === undefined ? [] : [`-s ${short.slice(1)}`])];
  const follows =
    value === "none"
      ? []
      : value === "file"
        ? ["-r -F"]
        : value === "text"
          ? ["-x"]
          : [`-x -a ${quote(value.join(" "))}`];
  return [...flags, ...follows, `-d ${quote(description)}`].join(" ");
}

function at(path: string): string {
  return `complete -c shoplake -n ${quote(`__shoplake_at ${path}`.trim())}`;
}

function quote(text: string): string {
  return `'${text.replace(/\\/g, "\\\\").replace(/'/g, "\\'")}'`;
}
