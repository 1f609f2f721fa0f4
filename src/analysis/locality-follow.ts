/** Follows an expression over a result down to the inputs that decide about its value. */
import type { TreeNode } from "../engine/query-tree.ts";
import { keepsRowsApart } from "./locality-rows.ts";
import { canonical, holdsQuery, isQuery, replace, sourcesOf, walkLevel } from "./tree-expression.ts";
import { asJoin, equalities, fromIds, type Join, tablesIn } from "./tree-joins.ts";
import { countDatasets, type DatasetOf } from "./tree-occurrences.ts";
import {
  aggregates,
  cuts,
  holdsAggregate,
  holdsWindow,
  isPlain,
  isPlainTable,
  windowPartitions,
} from "./tree-select.ts";
import { branches, resultExpressions } from "./tree-sources.ts";

/** Where an expression leads to in one input. */
export interface Followed {
  /** The input. */
  readonly dataset: string;
  /** One for each time the dataset is read; undefined: nothing is known about that one. */
  readonly expressions: readonly (TreeNode | undefined)[];
}

interface Step {
  readonly table: TreeNode;
  readonly expression: TreeNode | undefined;
}

/**
 * `root` is `SELECT e, ... FROM (model)`, e its i-th column. For each dataset and each place where it is read in FROM: an expression g over its columns
 * such that result rows with e = p depend, through this place, only on rows with g = p. Datasets that are also read inside
 * expressions (IN, EXISTS, scalar subqueries) are left out.
 */
export function followExpression(root: TreeNode, i: number, datasetOf: DatasetOf): Followed[] {
  const { inFrom, anywhere } = countDatasets(root, datasetOf);
  const expression = root.sections["PROJECTION"]?.[i];
  const steps = expression && isPlain(root) ? followFrom(root, expression) : [];
  const datasets = [...new Set(steps.flatMap(({ table }) => datasetOf(table) ?? []))];
  return datasets.flatMap((dataset) => {
    const expressions = steps
      .filter(({ table }) => datasetOf(table) === dataset)
      .map((step) => step.expression);
    const everywhere =
      expressions.length === inFrom.get(dataset) && expressions.length === anywhere.get(dataset);
    return everywhere ? [{ dataset, expressions }] : [];
  });
}

/** Into the FROM part of a SELECT, with an expression over its columns. */
function followFrom(select: TreeNode, expression: TreeNode | undefined): Step[] {
  return (select.sections["JOIN TREE"] ?? []).flatMap((node) => follow(node, expression));
}

/** The tables of a part of FROM, each with an expression over its columns whose value p all rows have that share in a row with the value p. */
export function follow(node: TreeNode, expression: TreeNode | undefined): Step[] {
  const used = expression && sourcesOf(expression);
  if (node.kind === "TABLE") {
    const own = used && isPlainTable(node) && [...used].every((id) => id === node.id);
    return [{ table: node, expression: own ? expression : undefined }];
  }
  if (isQuery(node)) {
    const own = used && [...used].every((id) => id === node.id) ? expression : undefined;
    return branchesOf(node).flatMap((branch, i) => followSelect(branch, own && inBranch(node, own, i)));
  }
  if (node.kind === "ARRAY_JOIN") {
    const free = used && !used.has(node.id) ? expression : undefined;
    return tablesIn(node).flatMap((table) => follow(table, free));
  }
  const join = asJoin(node);
  if (!join) return tablesIn(node).flatMap((table) => follow(table, undefined));
  return [
    ...follow(join.left, expression && onSide(join, "LEFT", expression)),
    ...follow(join.right, expression && onSide(join, "RIGHT", expression)),
  ];
}

/** A recursive CTE refers to itself: nothing is known of it. */
function branchesOf(query: TreeNode): readonly TreeNode[] {
  return query.attributes["is_recursive_cte"] !== undefined ? [] : branches(query);
}

/** The expression with the query's columns replaced by what the i-th SELECT of it computes for them. */
function inBranch(query: TreeNode, expression: TreeNode, i: number): TreeNode | undefined {
  let failed = false;
  const replaced = replace(expression, (node) => {
    if (node.kind !== "COLUMN" || node.attributes["source_id"] !== query.id) return undefined;
    const found = resultExpressions(query, node.attributes["column_name"] ?? "")?.[i];
    const type = found?.attributes["result_type"] ?? found?.attributes["constant_value_type"];
    if (!found || type !== node.attributes["result_type"]) failed = true;
    return found ?? node;
  });
  return failed ? undefined : replaced;
}

/** Through grouping, windows and the like of one SELECT: the expression must be the same for all rows they put together. */
function followSelect(select: TreeNode, expression: TreeNode | undefined): Step[] {
  return followFrom(select, expression && passes(select, expression) ? expression : undefined);
}

function passes(select: TreeNode, expression: TreeNode): boolean {
  if (!isPlain(select) || cuts(select)) return false;
  if (holdsAggregate(expression) || holdsWindow(expression) || holdsQuery(expression)) return false;
  const groups = [
    ...(aggregates(select) ? [select.sections["GROUP BY"] ?? []] : []),
    ...windowPartitions(select),
    ...(select.sections["LIMIT BY"] ? [select.sections["LIMIT BY"]] : []),
  ];
  return groups.every((keys) => isDetermined(expression, new Set(keys.map(canonical))));
}

/** True when rows that agree in all keys agree in the expression. */
function isDetermined(expression: TreeNode, keys: ReadonlySet<string>): boolean {
  if (keys.has(canonical(expression)) || expression.kind === "CONSTANT") return true;
  if (expression.kind !== "FUNCTION" || expression.attributes["function_type"] !== "ordinary") return false;
  if (["arrayJoin", "unnest", "materialize"].includes(expression.attributes["function_name"] ?? ""))
    return false;
  if ([...walkLevel(expression)].some(({ kind }) => kind === "LAMBDA")) return false;
  const args = expression.sections["ARGUMENTS"] ?? [];
  return args.length > 0 && args.every((argument) => isDetermined(argument, keys));
}

/**
 * The expression over one side of a join such that joined rows with the value p involve, of this side, only rows with the
 * value p; also by their absence.
 */
function onSide(join: Join, side: "LEFT" | "RIGHT", expression: TreeNode): TreeNode | undefined {
  if (join.conditions === undefined) return undefined;
  const own = fromIds(side === "LEFT" ? join.left : join.right);
  const isOwn = (node: TreeNode) => [...sourcesOf(node)].every((id) => own.has(id));
  if (keepsRowsApart(join, side)) {
    if (isOwn(expression)) return expression;
    const moved = join.kind === "INNER" ? throughEqualities(join, side, expression) : undefined;
    return moved && isOwn(moved) ? moved : undefined;
  }
  const other = side === "LEFT" ? "RIGHT" : "LEFT";
  const isOther = [...sourcesOf(expression)].every((id) => !own.has(id));
  if (!isOther || join.kind === "FULL" || !(join.kind === other || join.kind === "INNER")) return undefined;
  if (join.kind === "INNER" && join.strictness === "ANY") return undefined;
  const moved = throughEqualities(join, side, expression);
  return moved && isOwn(moved) ? moved : undefined;
}

/** The expression with what is equal on the other side replaced by this side's. */
function throughEqualities(join: Join, side: "LEFT" | "RIGHT", expression: TreeNode): TreeNode {
  const pairs = equalities(join).map(({ left, right }) =>
    side === "LEFT" ? { from: right, to: left } : { from: left, to: right },
  );
  const byText = new Map(pairs.map(({ from, to }) => [canonical(from), to]));
  return replace(expression, (node) => byText.get(canonical(node)));
}
