import type { CommandSpec } from "../command.ts";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { completed } from "../completion/parts.ts";
import { zshCompletion } from "../completion/zsh.ts";
import { commands } from "../registry.ts";

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** Reads no project: the script asks for datasets when it is used. */
export const command: CommandSpec = {
  name: "completion",
  description: "Print a script that makes a shell complete commands, options and datasets.",
  arguments: [{ name: "<shell>", description: "your shell", choices: Object.keys(shells) }],
  examples: [
    ["source <(shoplake completion bash)", "complete in this bash; put the line into ~/.bashrc to keep it"],
    ["source <(shoplake completion zsh)", "the same for zsh, in ~/.zshrc"],
    ["shoplake completion fish | source", "the same for fish"],
  ],
  async run(context, [shell]) {
    const known = await Promise.all(
      commands.map(async ({ load, summary }) => completed((await load()).command, summary)),
    );
    const write = shells[shell as keyof typeof shells];
    context.stdout.write(write(known.flat()));
  },
};
