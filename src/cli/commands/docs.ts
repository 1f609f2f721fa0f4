import { resolve } from "node:path";
import { writeWhole } from "../../util/write-file.ts";
import type { CommandSpec } from "../command.ts";
import { say } from "../context.ts";
import { lookingOnly, withProject } from "../open.ts";
import { textOption } from "../options/values.ts";

/** Works from the files and from what is known of the sources; asks no source. */
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
    const { receivedNamesOf } = await import("../../app/received-names.ts");
    const { loadKinds } = await import("../../host/kinds.ts");
    const kinds = await loadKinds();
    const dictionary = await withProject(
      context,
      async ({ host, catalogue }) => {
        const bronze = [...catalogue.datasets.values()].filter(({ layer }) => layer === "bronze");
        const names = bronze.map(({ name }) => name);
        return dictionaryOf(catalogue, kinds, await receivedNamesOf(host, names));
      },
      lookingOnly,
    );
    const page = context.flags.json
      ? `${JSON.stringify(dictionary, undefined, 2)}\n`
      : dictionaryPage(dictionary);
    const output = textOption(options, "output");
    if (output === undefined) context.stdout.write(page);
    else {
      await writeWhole(resolve(context.cwd, output), page, { signal: context.signal });
      say(context, `wrote ${output}`);
    }
  },
};
