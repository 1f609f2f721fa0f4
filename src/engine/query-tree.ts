/**
 * `EXPLAIN QUERY TREE` text -> plain nested objects. The format is ClickHouse's own dump (IQueryTreeNode::dumpTree): a node
 * `KIND id: 7, name: value, ...`, below it sections (`JOIN TREE`, `WHERE`, ...) that hold nodes, two blanks deeper each.
 * Text that does not fit throws, so that callers fall back to knowing nothing.
 */
import { ShoplakeError } from "../util/errors.ts";

/** A node of EXPLAIN QUERY TREE. */
export interface TreeNode {
  /** "QUERY", "UNION", "TABLE", "TABLE_FUNCTION", "JOIN", "CROSS JOIN", "COLUMN", "FUNCTION", "CONSTANT", "LIST", ... */
  readonly kind: string;
  /** Its number in the tree, as text. */
  readonly id: string;
  /** "column_name", "result_type", "source_id", "function_name", "alias", ...; "settings" of a query: "a=1, b=2". */
  readonly attributes: Readonly<Record<string, string>>;
  /** By section name. The nodes of a LIST are directly in the section. */
  readonly sections: Readonly<Record<string, readonly TreeNode[]>>;
  /** Nodes of a LIST inside another one (grouping sets). */
  readonly items: readonly TreeNode[];
  /** Names of a query's result columns. */
  readonly columns: readonly string[];
}

interface Line {
  readonly indent: number;
  readonly text: string;
}

/** Parses the dump of one statement; throws `unsupported` when it does not have the known shape. */
export function parseQueryTree(dump: string): TreeNode {
  const lines = dump
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => ({ indent: line.length - line.trimStart().length, text: line.trimStart() }));
  const cursor = { lines, at: 0 };
  const node = parseNode(cursor, 0);
  if (cursor.at < lines.length) throw unreadable(lines[cursor.at]);
  return node;
}

interface Cursor {
  readonly lines: readonly Line[];
  at: number;
}

const nodeLine = /^([A-Z][A-Z_]*(?: [A-Z]+)*) id: (\d+)(?:, (.*))?$/;
/** Names of sections are upper case; an EXPRESSION may be followed by the alias of what it holds. */
const sectionLine = /^(EXPRESSION(?= |$)|[A-Z]+(?: [A-Z]+)*)(?: .*)?$/;

function parseNode(cursor: Cursor, indent: number): TreeNode {
  const line = cursor.lines[cursor.at];
  const match = line?.indent === indent ? nodeLine.exec(line.text) : null;
  if (!line || !match) throw unreadable(line);
  cursor.at++;
  const [, kind = "", id = "", rest = ""] = match;
  const attributes = parseAttributes(kind, rest);
  if (kind === "LIST") {
    const items = parseNodes(cursor, indent + 2);
    if (items.length !== Number(attributes["nodes"])) throw unreadable(line);
    return { kind, id, attributes, sections: {}, items, columns: [] };
  }
  const { sections, columnLines, settings } = parseSections(cursor, indent + 2);
  if (settings !== undefined) attributes["settings"] = settings;
  const columns = columnNames(columnLines, sections["PROJECTION"]);
  return { kind, id, attributes, sections, items: [], columns };
}

function parseNodes(cursor: Cursor, indent: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  while (cursor.lines[cursor.at]?.indent === indent) nodes.push(parseNode(cursor, indent));
  return nodes;
}

function parseSections(cursor: Cursor, indent: number) {
  const sections: Record<string, TreeNode[]> = {};
  let columnLines: string[] = [];
  let settings: string | undefined;
  for (let line = cursor.lines[cursor.at]; line?.indent === indent; line = cursor.lines[cursor.at]) {
    cursor.at++;
    if (line.text === "PROJECTION COLUMNS") {
      columnLines = rawLines(cursor, indent);
      continue;
    }
    if (line.text.startsWith("SETTINGS ")) {
      settings = line.text.slice("SETTINGS ".length);
      continue;
    }
    const name = sectionLine.exec(line.text)?.[1];
    if (name === undefined) throw unreadable(line);
    const nodes = parseNodes(cursor, indent + 2);
    const only = nodes.length === 1 && nodes[0]?.kind === "LIST" ? nodes[0].items : nodes;
    sections[name] = [...(sections[name] ?? []), ...only];
  }
  return { sections, columnLines, settings };
}

/** Column lines hold names as they are, line breaks included: everything up to the next section belongs to them. */
function rawLines(cursor: Cursor, indent: number): string[] {
  const raw: string[] = [];
  for (let line = cursor.lines[cursor.at]; line; line = cursor.lines[cursor.at]) {
    if (line.indent === indent && line.text === "PROJECTION") break;
    raw.push(" ".repeat(Math.max(0, line.indent - indent - 2)) + line.text);
    cursor.at++;
  }
  return raw;
}

/** `name type` lines without the types, which are known from the projection's nodes. */
function columnNames(lines: readonly string[], projection: readonly TreeNode[] | undefined): string[] {
  if (lines.length === 0 || projection === undefined) return [];
  const names: string[] = [];
  let at = 0;
  for (const node of projection) {
    const type = resultType(node);
    let name = lines[at++] ?? "";
    while (type !== undefined && !name.endsWith(` ${type}`) && at < lines.length) name += `\n${lines[at++]}`;
    if (type === undefined) names.push(name.replace(/ [^ ]+$/, ""));
    else if (name.endsWith(` ${type}`)) names.push(name.slice(0, -type.length - 1));
    else throw unreadable({ indent: 0, text: name });
  }
  if (at !== lines.length) throw unreadable({ indent: 0, text: lines[at] ?? "" });
  return names;
}

function resultType(node: TreeNode): string | undefined {
  return node.attributes["result_type"] ?? node.attributes["constant_value_type"];
}

/** Values may hold ", name: " themselves, so kinds with free text are cut at their fixed, known names. */
function parseAttributes(kind: string, rest: string): Record<string, string> {
  const fixed: Record<string, RegExp> = {
    COLUMN:
      /^(?:alias: (?<alias>.*?), )?column_name: (?<column_name>.*), result_type: (?<result_type>.*), source_id: (?<source_id>\d+)$/,
    CONSTANT:
      /^(?:alias: (?<alias>.*?), )?constant_value: (?<constant_value>.*), constant_value_type: (?<constant_value_type>.*)$/,
    FUNCTION:
      /^(?:alias: (?<alias>.*?), )?function_name: (?<function_name>\w+), function_type: (?<function_type>\w+)(?<modifiers>, nulls_action ?: \w+)?(?:, result_type: (?<result_type>.*))?$/,
    IDENTIFIER: /^(?:alias: (?<alias>.*?), )?identifier: (?<identifier>.*)$/,
  };
  const pattern = fixed[kind];
  if (pattern) {
    const groups = pattern.exec(rest)?.groups;
    if (!groups) throw unreadable({ indent: 0, text: `${kind} ${rest}` });
    return Object.fromEntries(Object.entries(groups).filter(([, value]) => value !== undefined));
  }
  const parts = rest === "" ? [] : rest.split(/, (?=[a-z_]+: )/);
  return Object.fromEntries(
    parts.map((part) => [part.slice(0, part.indexOf(": ")), part.slice(part.indexOf(": ") + 2)]),
  );
}

/** Every node below and including `node`, parents first. */
export function* walk(node: TreeNode): Generator<TreeNode> {
  yield node;
  for (const child of children(node)) yield* walk(child);
}

/** The nodes directly below a node. */
export function children(node: TreeNode): readonly TreeNode[] {
  return [...node.items, ...Object.values(node.sections).flat()];
}

function unreadable(line: Line | undefined): ShoplakeError {
  return new ShoplakeError(
    "unsupported",
    `a query tree of unknown shape: ${line?.text ?? "it ends too early"}`,
  );
}
