import { relative, resolve } from "node:path";
import { writeTemplate } from "../../app/init.ts";
import type { CommandSpec } from "../command.ts";
import { say, writeJson } from "../context.ts";
import { textOption } from "../options/values.ts";
import { counted } from "../terminal/style.ts";

/** Throws `usage` when a file of the template is there already; then nothing is written. */
export const command: CommandSpec = {
  name: "init",
  description:
    "Write a new project: configuration, models, queries and tests of a template. Nothing is overwritten.",
  arguments: [
    {
      name: "[dir]",
      description: "folder of the project, created when absent (default: this folder)",
      completes: "file",
    },
  ],
  options: [{ flags: "-t, --template <name>", description: "what kind of shop", default: "commerce" }],
  examples: [
    ["shoplake init my-shop", "a project in the folder my-shop"],
    ["shoplake init --template commerce", "a project in this folder"],
  ],
  async run(context, args, options) {
    const dir = resolve(context.cwd, args[0] ?? ".");
    const template = textOption(options, "template") ?? "commerce";
    const files = await writeTemplate(template, dir);
    if (context.flags.json) {
      writeJson(context, { dir, template, files });
      return;
    }
    const shown = relative(context.cwd, dir) || ".";
    say(context, `wrote ${counted(files.length, "file")} of the template ${template} into ${shown}`);
    say(context);
    say(context, "next:");
    if (shown !== ".") say(context, `  cd ${shown}`);
    say(context, "  shoplake doctor   what is still missing, such as addresses of databases");
    say(context, "  shoplake plan     what a run would do");
    say(context, "  shoplake run      do it");
  },
};
