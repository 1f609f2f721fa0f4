/** Expressions of a query tree: comparing, replacing, printing as SQL. */
import { children, type TreeNode, walk } from "../engine/query-tree.ts";
import { ident, text } from "../engine/sql.ts";

/** Nodes below an expression, without those inside subqueries. */
export function* walkLevel(node: TreeNode): Generator<TreeNode> {
  yield node;
  if (isQuery(node)) return;
  for (const child of children(node)) yield* walkLevel(child);
}

/** True for a SELECT and for a UNION of several. */
export function isQuery(node: TreeNode): boolean {
  return node.kind === "QUERY" || node.kind === "UNION";
}

/** Every subquery inside an expression: right of IN, as a scalar, in EXISTS. */
export function holdsQuery(node: TreeNode): boolean {
  return [...walk(node)].some(isQuery);
}

/** The same text for expressions that mean the same: node ids and aliases are left out. */
export function canonical(node: TreeNode): string {
  const { kind, attributes, sections, items } = node;
  if (kind === "CONSTANT") return `${attributes["constant_value"]}::${attributes["constant_value_type"]}`;
  if (kind === "COLUMN") return `${JSON.stringify(attributes["column_name"])}@${attributes["source_id"]}`;
  const parts = Object.entries(sections).map(([name, nodes]) => `${name}(${nodes.map(canonical).join(",")})`);
  const name = [attributes["function_name"], attributes["modifiers"]].filter(Boolean).join("");
  return `${kind}:${name}:${attributes["result_type"] ?? ""}[${items.map(canonical).join(",")}]${parts.join("")}`;
}

/** The expression with nodes replaced, top down; `replacement` returns undefined to look deeper. */
export function replace(node: TreeNode, replacement: (node: TreeNode) => TreeNode | undefined): TreeNode {
  const found = replacement(node);
  if (found) return found;
  if (node.kind === "COLUMN" || node.kind === "CONSTANT") return node;
  return {
    ...node,
    items: node.items.map((item) => replace(item, replacement)),
    sections: Object.fromEntries(
      Object.entries(node.sections).map(([name, nodes]) => [
        name,
        nodes.map((child) => replace(child, replacement)),
      ]),
    ),
  };
}

/** Ids of the tables and subqueries whose columns an expression uses. */
export function sourcesOf(node: TreeNode): Set<string> {
  return new Set(
    [...walkLevel(node)].flatMap(({ kind, attributes }) =>
      kind === "COLUMN" ? [attributes["source_id"] ?? ""] : [],
    ),
  );
}

/** What may be written back as SQL. */
export interface PrintOptions {
  /** Lower-case names of functions that must not occur. */
  readonly forbidden: ReadonlySet<string>;
  /** False when a constant may be the sample value of a parameter. */
  readonly constants: boolean;
}

/**
 * A row-level expression over the columns of one table as SQL; undefined for what cannot be written back exactly:
 * lambdas, subqueries, aggregates, functions that are not deterministic, unusual constants.
 */
export function printExpression(node: TreeNode, options: PrintOptions): string | undefined {
  if (node.kind === "COLUMN") return printColumn(node);
  if (node.kind === "CONSTANT") return printConstant(node, options);
  if (node.kind !== "FUNCTION" || node.attributes["function_type"] !== "ordinary") return undefined;
  const name = node.attributes["function_name"] ?? "";
  if (isOpaque(name, options) || node.attributes["modifiers"] !== undefined) return undefined;
  if (Object.keys(node.sections).some((section) => section !== "ARGUMENTS")) return undefined;
  const args = (node.sections["ARGUMENTS"] ?? []).map((argument) => printExpression(argument, options));
  return args.includes(undefined) ? undefined : `${ident(name)}(${args.join(", ")})`;
}

/** Functions whose value is not a function of one row's values. `materialize` marks parameters. */
function isOpaque(name: string, { forbidden }: PrintOptions): boolean {
  return (
    forbidden.has(name.toLowerCase()) ||
    ["arrayJoin", "unnest", "materialize", "exists", "in", "notIn"].includes(name)
  );
}

function printColumn({ attributes, sections }: TreeNode): string | undefined {
  const name = attributes["column_name"];
  return name === undefined || Object.keys(sections).length > 0 ? undefined : ident(name);
}

function printConstant(node: TreeNode, options: PrintOptions): string | undefined {
  const { constant_value: value = "", constant_value_type: type = "" } = node.attributes;
  if (!options.constants) return undefined;
  const [expression] = node.sections["EXPRESSION"] ?? [];
  if (expression) return printExpression(expression, options);
  const number = /^U?Int\d+_(-?\d+)$/.exec(value)?.[1];
  if (number !== undefined) return `CAST(${number} AS ${type})`;
  return type === "String" && /^'[^'\\]*'$/.test(value) ? text(value.slice(1, -1)) : undefined;
}
