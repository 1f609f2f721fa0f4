/** The data dictionary as one Markdown page; the same project gives the same page. */
import type {
  CheckEntry,
  ColumnEntry,
  DatasetEntry,
  Dictionary,
  ParameterEntry,
  QueryEntry,
} from "./entries.ts";
import { lineagePicture } from "./picture.ts";

const layers = ["bronze", "silver", "gold"] as const;

/** Ends with a line break. */
export function dictionaryPage(dictionary: Dictionary): string {
  const blocks = [
    `# ${dictionary.name}: data dictionary`,
    `Reporting days are days in ${dictionary.timezone}, the currency is ${dictionary.currency}. This page is written by \`shoplake docs\` from the headers of the models.`,
    lineagePicture(dictionary),
    ...layers.flatMap((layer) =>
      section(
        title(layer),
        dictionary.datasets.filter((entry) => entry.layer === layer).flatMap(datasetBlocks),
      ),
    ),
    ...section("Checks in files", fileChecks(dictionary)),
    ...section("Queries", dictionary.queries.flatMap(queryBlocks)),
    ...section("Sources", sources(dictionary)),
    ...section("Sinks", sinks(dictionary)),
    ...section("Schedules", schedules(dictionary)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function section(name: string, blocks: readonly string[]): readonly string[] {
  return blocks.length === 0 ? [] : [`## ${name}`, ...blocks];
}

function datasetBlocks(entry: DatasetEntry): string[] {
  const { readBy } = entry;
  const known = facts([
    ["from", entry.layer === "bronze" ? text(entry.from) : code(entry.from)],
    ["key", entry.key.map(code).join(", ")],
    ["newest by", entry.newestBy.map(code).join(", ")],
    ["partitioned by", code(entry.partitionBy)],
    ["tags", entry.tags.map(code).join(", ")],
    ["reads", entry.inputs.map(link).join(", ")],
    ["read by", [...readBy.datasets.map(link), ...readBy.queries.map(queryLink)].join(", ")],
    ["delivered to", readBy.sinks.map(code).join(", ")],
  ]);
  return [
    `### ${entry.dataset}`,
    ...(entry.description === "" ? [] : [text(entry.description)]),
    known,
    ...columnTable(entry.columns),
    ...rules(entry),
    ...checks(entry),
  ];
}

/** A list without what is empty. */
function facts(all: readonly (readonly [name: string, value: string])[]): string {
  return all
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `- ${name}: ${value}`)
    .join("\n");
}

function columnTable(columns: readonly ColumnEntry[]): string[] {
  if (columns.length === 0) return ["The columns are known after the first run."];
  const rows = columns.map(({ name, type, description, checks: own, tags }) => [
    code(name),
    code(type),
    text(description),
    own.map(checkText).join("; "),
    tags.map(code).join(", "),
  ]);
  return [table(["column", "type", "description", "checks", "tags"], rows)];
}

function rules(entry: DatasetEntry): string[] {
  if (entry.rules.length === 0) return [];
  const rows = entry.rules.map(({ name, condition }) => [code(name), code(condition)]);
  return ["Rows that go to quarantine:", table(["rule", "condition"], rows)];
}

function checks(entry: DatasetEntry): string[] {
  if (entry.checks.length === 0) return [];
  return ["Checks of the whole table:", entry.checks.map((check) => `- ${checkText(check)}`).join("\n")];
}

/** "`accepted_range` min 0, where `paid`, warns" */
function checkText({ type, arguments: given, severity, where, threshold }: CheckEntry): string {
  const values = Object.entries(given).map(([name, value]) => `${name} ${code(argumentText(value))}`);
  const allowed =
    threshold === undefined
      ? []
      : [`up to ${"rows" in threshold ? `${threshold.rows} rows` : `${threshold.percent} %`} allowed`];
  return [
    [code(type), ...values].join(" "),
    ...(where === undefined ? [] : [`where ${code(where)}`]),
    ...allowed,
    ...(severity === "warn" ? ["warns"] : []),
  ].join(", ");
}

function argumentText(value: unknown): string {
  if (Array.isArray(value)) return value.map(argumentText).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function fileChecks(dictionary: Dictionary): string[] {
  if (dictionary.checks.length === 0) return [];
  const rows = dictionary.checks.map(({ file, dataset, description, severity }) => [
    code(file),
    link(dataset),
    text(description),
    severity,
  ]);
  return [table(["file", "dataset", "bad rows", "severity"], rows)];
}

function queryBlocks({ name, file, description, tags, reads, parameters }: QueryEntry): string[] {
  const rows = parameters.map((parameter) => [
    code(parameter.name),
    code(parameter.type),
    defaultText(parameter),
    text(parameter.description),
  ]);
  return [
    `### ${name}`,
    ...(description === "" ? [] : [text(description)]),
    facts([
      ["from", code(file)],
      ["tags", tags.map(code).join(", ")],
      ["reads", reads.map(link).join(", ")],
    ]),
    ...(rows.length === 0 ? [] : [table(["parameter", "type", "default", "description"], rows)]),
  ];
}

function defaultText({ name, default: value, standard }: ParameterEntry): string {
  if (value !== undefined) return code(value);
  if (!standard) return "must be given";
  return name === "today" ? "the day of the query" : "the project's";
}

function sources(dictionary: Dictionary): string[] {
  return dictionary.sources.flatMap(({ name, what, tables }) => [
    `### ${name}`,
    text(what),
    ...(tables.length === 0
      ? []
      : [
          table(
            ["table", "dataset", "key", "cursor"],
            tables.map((each) => [
              code(each.table),
              link(each.dataset),
              each.key.map(code).join(", "),
              code(each.cursor),
            ]),
          ),
        ]),
  ]);
}

function sinks(dictionary: Dictionary): string[] {
  return dictionary.sinks.flatMap(({ name, what, select, tables }) => [
    `### ${name}`,
    `${text(what)}. Takes ${code(select)}.`,
    table(
      ["dataset", "target"],
      tables.map(({ dataset, target }) => [link(dataset), code(target)]),
    ),
  ]);
}

function schedules(dictionary: Dictionary): string[] {
  if (dictionary.schedules.length === 0) return [];
  const rows = dictionary.schedules.map(({ name, cron, select }) => [code(name), code(cron), code(select)]);
  return [table(["schedule", "cron", "select"], rows)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

/** One line; what looks like HTML is text. */
function text(value: string): string {
  return value.replace(/\s+/g, " ").trim().replaceAll("<", "&lt;");
}

/** Nothing for nothing. A text with backticks gets more of them around. */
function code(value: string): string {
  const line = value.replace(/\s+/g, " ").trim();
  if (line === "") return "";
  const fence = "`".repeat(Math.max(0, ...(line.match(/`+/g) ?? []).map(({ length }) => length)) + 1);
  return line.includes("`") ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

function link(dataset: string): string {
  return `[${dataset}](#${anchor(dataset)})`;
}

function queryLink(name: string): string {
  return `query [${name}](#${anchor(name)})`;
}

/** As GitHub makes them of headings. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");
}

function title(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
