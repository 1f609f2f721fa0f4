// Writes docs/cli.md from the commands (dist/ must be built). With --check: only says whether the page is current.
import { readFileSync, writeFileSync } from "node:fs";
import { commands } from "../dist/cli/registry.js";

const page = new URL("../docs/cli.md", import.meta.url);

const intro = `# Command line

This page is written by \`node scripts/docs-cli.mjs\` from the commands themselves; a test compares the two.

Every command also takes

| option | effect |
|---|---|
| \`-p, --project <dir>\` | folder of \`shoplake.config.ts\`; without it the folder is looked for upwards from where you stand |
| \`--json\` | one JSON document on stdout; commands that stream write one line of JSON per event |
| \`-q, --quiet\` | no messages, only data and errors |
| \`-v, --verbose\` | more messages |
| \`--no-color\` | no colours; the same with \`NO_COLOR=1\` |
| \`-h, --help\` | help with examples |

Data goes to stdout, messages to stderr. Exit codes: 0 good, 1 something failed and was explained, 2 a bug in shoplake
(the stack goes to a file that the message names), 130 interrupted. The first Ctrl-C stops cleanly, the second at once.
Datasets are selected as in dbt: \`silver.orders\`, \`gold.dim_*\`, \`bronze\`, \`tag:daily\`, \`+gold.sales\` (with what it
reads), \`silver.orders+\` (with what reads it), the name of a schedule; several words add up, a comma takes what both
sides have. All of them: [selectors](project.md#selectors).
`;

const specs = await Promise.all(commands.map(async ({ load }) => (await load()).command));
const index = commands.map(({ name, summary }) => `| [\`${name}\`](#${name}) | ${summary} |`);
const text = [
  intro,
  `| command | |\n|---|---|\n${index.join("\n")}\n`,
  ...specs.map((spec) => section(spec, [spec.name], "##")),
].join("\n");

if (process.argv.includes("--check")) {
  const current = readFileSync(page, "utf8") === text;
  if (!current) process.stderr.write("docs/cli.md is not current: run node scripts/docs-cli.mjs\n");
  process.exitCode = current ? 0 : 1;
} else writeFileSync(page, text);

function section(spec, path, level) {
  const parts = [`${level} ${path.join(" ")}\n`, `${spec.description}\n`];
  if (spec.run) parts.push(`\`\`\`sh\n${usage(spec, path)}\n\`\`\`\n`);
  const args = (spec.arguments ?? []).map((argument) => [argument.name, described(argument)]);
  const options = (spec.options ?? []).map((option) => [option.flags, described(option)]);
  if (args.length + options.length > 0) parts.push(table([...args, ...options]));
  if (spec.examples.length > 0) parts.push(examples(spec.examples));
  for (const sub of spec.subcommands ?? []) parts.push(section(sub, [...path, sub.name], `${level}#`));
  return parts.join("\n");
}

function usage(spec, path) {
  const words = (spec.arguments ?? []).map((argument) => argument.name);
  return ["shoplake", ...path, ...words, ...((spec.options ?? []).length > 0 ? ["[options]"] : [])].join(" ");
}

function described({ description, choices, default: standard }) {
  const allowed = choices ? ` (${choices.join(", ")})` : "";
  return `${description}${allowed}${standard === undefined ? "" : `; default ${standard}`}`;
}

function table(rows) {
  const lines = rows.map(([name, text]) => `| \`${name}\` | ${text.replaceAll("|", "\\|")} |`);
  return `| argument or option | meaning |\n|---|---|\n${lines.join("\n")}\n`;
}

function examples(list) {
  const longest = Math.max(...list.map(([line]) => line.length));
  return `\`\`\`sh\n${list.map(([line, effect]) => `${line.padEnd(longest)}  # ${effect}`).join("\n")}\n\`\`\`\n`;
}
