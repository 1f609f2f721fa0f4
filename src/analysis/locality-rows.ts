/** For which inputs a SELECT works row by row. */
import type { TreeNode } from "../engine/query-tree.ts";
import { asJoin, type Join, tablesIn } from "./tree-joins.ts";
import { countDatasets, type DatasetOf } from "./tree-occurrences.ts";
import { aggregates, cuts, holdsWindow, isDistinct, isPlain, isPlainTable } from "./tree-select.ts";

/**
 * Datasets D, in the order of FROM, with: the SELECT over D1 + D2 is the SELECT over D1 plus the SELECT over D2, other inputs
 * unchanged. D is read once, in FROM; nothing on the way from it to the result looks at more than one of its rows.
 */
export function rowWiseDatasets(root: TreeNode, datasetOf: DatasetOf): string[] {
  const { anywhere } = countDatasets(root, datasetOf);
  return rowWiseTables(root).flatMap((table) => {
    const dataset = datasetOf(table);
    return dataset !== undefined && anywhere.get(dataset) === 1 ? [dataset] : [];
  });
}

function rowWiseTables(node: TreeNode): TreeNode[] {
  if (node.kind === "TABLE") return isPlainTable(node) ? [node] : [];
  if (node.kind === "QUERY")
    return isRowWise(node) ? (node.sections["JOIN TREE"] ?? []).flatMap(rowWiseTables) : [];
  if (node.kind === "ARRAY_JOIN") return tablesIn(node).flatMap(rowWiseTables);
  const join = asJoin(node);
  if (!join) return [];
  return [
    ...(keepsRowsApart(join, "LEFT") ? rowWiseTables(join.left) : []),
    ...(keepsRowsApart(join, "RIGHT") ? rowWiseTables(join.right) : []),
  ];
}

function isRowWise(select: TreeNode): boolean {
  const { sections } = select;
  const windows = Object.entries(sections).some(
    ([name, nodes]) => name !== "JOIN TREE" && nodes.some(holdsWindow),
  );
  return (
    isPlain(select) &&
    !aggregates(select) &&
    !windows &&
    !isDistinct(select) &&
    !cuts(select) &&
    sections["LIMIT BY"] === undefined
  );
}

/** True when the joined rows of a row of that side do not depend on the side's other rows. */
export function keepsRowsApart({ kind, strictness, conditions }: Join, side: "LEFT" | "RIGHT"): boolean {
  if (conditions === undefined) return false;
  if (kind === "INNER") return strictness === "ALL" || (strictness === "ASOF" && side === "LEFT");
  return kind === side && (strictness !== "ASOF" || side === "LEFT");
}
