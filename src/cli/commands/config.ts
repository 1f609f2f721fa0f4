import type { CommandSpec } from "../command.ts";
import { say, writeJson, writeLines } from "../context.ts";
import { projectFolder } from "../open.ts";
import { styleFor } from "../terminal/style.ts";
import { renderTable } from "../terminal/table.ts";

/** Needs no engine and no source; problems of the configuration are warnings here. */
export const command: CommandSpec = {
  name: "config",
  description: "Look at the project's configuration.",
  examples: [["shoplake config show", "every setting with its value"]],
  subcommands: [
    {
      name: "show",
      description: "Show every setting with the value in force. Secrets are shown as ***.",
      options: [{ flags: "--sources", description: "also where each value comes from" }],
      examples: [
        ["shoplake config show", "every setting with its value"],
        ["shoplake config show --sources", "and the line, variable or default it comes from"],
        ["shoplake config show --json", "as data, always with the places"],
      ],
      async run(context, _args, options) {
        const { settingsOf } = await import("../../app/settings.ts");
        const { problemLine } = await import("../../project/issues.ts");
        const { settings, problems } = await settingsOf(projectFolder(context), context.env);
        for (const problem of problems) say(context, `warning: ${problemLine(problem)}`);
        if (context.flags.json) {
          writeJson(context, settings);
          return;
        }
        const style = styleFor(context.flags.color && context.stdout.isTTY === true);
        const columns = ["setting", "value", ...(options["sources"] === true ? ["comes from"] : [])];
        const rows = settings.map(({ name, value, source }) => [name, value, source]);
        writeLines(
          context,
          renderTable(
            columns.map((title) => ({ title })),
            rows,
            { heading: style.dim },
          ),
        );
      },
    },
  ],
};
