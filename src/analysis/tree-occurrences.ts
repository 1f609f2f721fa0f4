/** Where the datasets of a model are in its query tree. */
import { type TreeNode, walk } from "../engine/query-tree.ts";
import { isQuery } from "./tree-expression.ts";
import { tablesIn } from "./tree-joins.ts";

/** The dataset of a TABLE node; undefined for tables of the engine itself. */
export type DatasetOf = (table: TreeNode) => string | undefined;

/** TABLE nodes that are reached through FROM alone, in the order of the text. */
export function tablesInFrom(node: TreeNode): TreeNode[] {
  if (node.kind === "TABLE") return [node];
  if (node.kind === "UNION") return (node.sections["QUERIES"] ?? []).flatMap(tablesInFrom);
  if (isQuery(node)) return (node.sections["JOIN TREE"] ?? []).flatMap(tablesInFrom);
  return tablesIn(node).flatMap(tablesInFrom);
}

/** How often each dataset is read, and whether all of that happens in FROM and not inside expressions. */
export function countDatasets(root: TreeNode, datasetOf: DatasetOf) {
  const inFrom = count(tablesInFrom(root), datasetOf);
  const anywhere = count(
    [...walk(root)].filter((node) => node.kind === "TABLE"),
    datasetOf,
  );
  return { inFrom, anywhere };
}

function count(tables: readonly TreeNode[], datasetOf: DatasetOf): Map<string, number> {
  const counts = new Map<string, number>();
  for (const table of tables) {
    const dataset = datasetOf(table);
    if (dataset !== undefined) counts.set(dataset, (counts.get(dataset) ?? 0) + 1);
  }
  return counts;
}
