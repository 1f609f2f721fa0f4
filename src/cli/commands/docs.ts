import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf, ShoplakeError } from "../../util/errors.ts";
import type { CommandSpec } from "../command.ts";
import { say } from "../context.ts";
import { withProject } from "../open.ts";
import { textOption } from "../values.ts";

export const command: CommandSpec = {
  name: "docs",
  description:
    "Write the data dictionary of the project as Markdown: datasets with their columns, rules and checks, queries, sources, sinks, and a picture of the lineage. Comes from the headers of the models; no source is asked, so types below a bronze dataset that has never had a row are left out.",
  options: [
    {
      flags: "-o, --output <file>",
      description: "write a file, whole or not at all, instead of stdout",
    },
  ],
  examples: [
    ["shoplake docs -o DICTIONARY.md", "the page as a file"],
    ["shoplake docs --json", "the same as data"],
  ],
  async run(context, _args, options) {
    const { dictionaryOf } = await import("../../app/dictionary/dictionary.ts");
    const { dictionaryPage } = await import("../../app/dictionary/page.ts");
    const { loadKinds } = await import("../../host/kinds.ts");
    const kinds = await loadKinds();
    const known = { askSources: false };
    const dictionary = await withProject(
      context,
      async ({ catalogue }) => dictionaryOf(catalogue, kinds),
      known,
    );
    const page = context.flags.json
      ? `${JSON.stringify(dictionary, undefined, 2)}\n`
      : dictionaryPage(dictionary);
    const output = textOption(options, "output");
    if (output === undefined) context.stdout.write(page);
    else {
      await replaceFile(resolve(context.cwd, output), page);
      say(context, `wrote ${output}`);
    }
  },
};

async function replaceFile(file: string, content: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, file);
  } catch (error) {
    throw new ShoplakeError("io", `cannot write ${file}: ${messageOf(error)}`, {
      hint: "name a file in a folder that exists and that you may write to",
    });
  } finally {
    await rm(temporary, { force: true });
  }
}
