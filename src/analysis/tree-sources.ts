/** Where the columns of a query tree come from. */
import { type TreeNode, walk } from "../engine/query-tree.ts";

/** Tables, subqueries, joins, lambdas by id: what the `source_id` of a column points to. */
export type Sources = ReadonlyMap<string, TreeNode>;

const sourceKinds = new Set([
  "TABLE",
  "TABLE_FUNCTION",
  "QUERY",
  "UNION",
  "JOIN",
  "CROSS JOIN",
  "ARRAY_JOIN",
  "LAMBDA",
]);

/** By the ids that the engine gave them; subqueries included. */
export function sourcesOfTree(root: TreeNode): Sources {
  return new Map([...walk(root)].filter(({ kind }) => sourceKinds.has(kind)).map((node) => [node.id, node]));
}

/** The expressions of a query's result column, one for each branch of a UNION; undefined when the name is not found once. */
export function resultExpressions(query: TreeNode, column: string): readonly TreeNode[] | undefined {
  const at = query.kind === "UNION" ? indexOf(firstBranch(query), column) : indexOf(query, column);
  if (at === undefined) return undefined;
  const found = branches(query).map((branch) => branch.sections["PROJECTION"]?.[at]);
  return found.every((node) => node !== undefined) ? found : undefined;
}

/** The SELECTs of a UNION, nested ones too; a single SELECT is its own branch. */
export function branches(query: TreeNode): readonly TreeNode[] {
  return query.kind === "UNION" ? (query.sections["QUERIES"] ?? []).flatMap(branches) : [query];
}

function firstBranch(query: TreeNode): TreeNode | undefined {
  return branches(query)[0];
}

function indexOf(query: TreeNode | undefined, column: string): number | undefined {
  const at = query?.columns.indexOf(column) ?? -1;
  return at < 0 || query?.columns.lastIndexOf(column) !== at ? undefined : at;
}

/** A column of a table, or a part of one (`address.city`, `items.sku`), as the table's column. */
export function baseColumn(name: string, columns: readonly string[]): string {
  if (columns.includes(name)) return name;
  const prefixes = columns.filter((column) => name.startsWith(`${column}.`));
  return prefixes.sort((a, b) => b.length - a.length)[0] ?? name;
}
