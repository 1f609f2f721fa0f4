/** The commands, in the order of the help. A test compares this list with the folder. */
import type { CommandSpec } from "./command.ts";

export interface RegisteredCommand {
  readonly name: string;
  /** One line of `shoplake --help`. */
  readonly summary: string;
  /** The command's module, read only when the command is used. */
  readonly load: () => Promise<{ readonly command: CommandSpec }>;
}

export const commands: readonly RegisteredCommand[] = [
  { name: "init", summary: "write a new project", load: () => import("./commands/init.ts") },
  {
    name: "completion",
    summary: "print a shell completion script",
    load: () => import("./commands/completion.ts"),
  },
];
