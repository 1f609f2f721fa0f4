/** Which rows of one input look up rows of another through a join. */
import { type TreeNode, walk } from "../engine/query-tree.ts";
import { follow } from "./locality-follow.ts";
import { asJoin, equalities, type Join } from "./tree-joins.ts";
import type { DatasetOf } from "./tree-occurrences.ts";

/** Expressions over the columns of two inputs: a row of `driving` sees only those rows of `dataset` with the same value. */
export interface TreeLookup {
  /** That is looked up. */
  readonly dataset: string;
  /** Over the columns of `dataset`. */
  readonly key: TreeNode;
  /** Whose rows look up the others. */
  readonly driving: string;
  /** Over the columns of `driving`. */
  readonly by: TreeNode;
}

/** Of each input on the right side of a LEFT or INNER JOIN, the first equality that leads to both tables. */
export function findLookups(root: TreeNode, datasetOf: DatasetOf): TreeLookup[] {
  const joins = [...walk(root)].flatMap((node) => asJoin(node) ?? []);
  const found = joins
    .filter(({ kind, strictness }) => ["LEFT", "INNER"].includes(kind) && strictness !== "ANTI")
    .flatMap((join) => lookupsOf(join, datasetOf));
  return found.filter(({ dataset }, i) => found.findIndex((other) => other.dataset === dataset) === i);
}

function lookupsOf(join: Join, datasetOf: DatasetOf): TreeLookup[] {
  return equalities(join).flatMap(({ left, right }) => {
    const [driving] = reached(join.left, left, datasetOf);
    if (driving === undefined) return [];
    return reached(join.right, right, datasetOf).map(({ dataset, expression }) => ({
      dataset,
      key: expression,
      driving: driving.dataset,
      by: driving.expression,
    }));
  });
}

function reached(from: TreeNode, expression: TreeNode, datasetOf: DatasetOf) {
  return follow(from, expression).flatMap((step) => {
    const dataset = datasetOf(step.table);
    return dataset === undefined || step.expression === undefined
      ? []
      : [{ dataset, expression: step.expression }];
  });
}
