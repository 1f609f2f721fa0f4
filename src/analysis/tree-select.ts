/** What one SELECT of a query tree does to rows, in words that the proofs need. */
import type { TreeNode } from "../engine/query-tree.ts";
import { walkLevel } from "./tree-expression.ts";

const knownSections = new Set([
  "PROJECTION",
  "WITH",
  "JOIN TREE",
  "PREWHERE",
  "WHERE",
  "GROUP BY",
  "HAVING",
  "WINDOW",
  "QUALIFY",
  "ORDER BY",
  "LIMIT BY",
  "LIMIT BY LIMIT",
  "LIMIT BY OFFSET",
  "LIMIT",
  "OFFSET",
]);

const knownAttributes = new Set(["alias", "is_subquery", "is_cte", "cte_name", "is_distinct", "settings"]);

/** Settings that change how a SELECT is run or typed, not which rows it yields for one input row. */
const harmlessSettings = new Set(["join_use_nulls", "max_threads", "max_memory_usage", "max_block_size"]);

/** A SELECT without anything that is not listed here: grouping sets, TOTALS, WITH FILL, correlated columns, odd settings. */
export function isPlain({ sections, attributes }: TreeNode): boolean {
  const settings = attributes["settings"]?.split(/,? /) ?? [];
  const fills = (sections["ORDER BY"] ?? []).some((sort) => sort.attributes["with_fill"] !== "0");
  return (
    Object.keys(sections).every((name) => knownSections.has(name)) &&
    Object.keys(attributes).every((name) => knownAttributes.has(name)) &&
    settings.every((setting) => harmlessSettings.has(setting.split("=")[0] ?? "")) &&
    !fills
  );
}

/** Expressions that are evaluated after grouping. */
function after({ sections }: TreeNode): TreeNode[] {
  return ["PROJECTION", "HAVING", "QUALIFY", "ORDER BY", "LIMIT BY"].flatMap((name) => sections[name] ?? []);
}

/** True with GROUP BY, and with aggregate functions without it. */
export function aggregates(select: TreeNode): boolean {
  return select.sections["GROUP BY"] !== undefined || after(select).some(holdsAggregate);
}

/** Whether an aggregate function is called, subqueries left out. */
export function holdsAggregate(node: TreeNode): boolean {
  return [...walkLevel(node)].some(({ attributes }) => attributes["function_type"] === "aggregate");
}

/** Whether a window function is called, subqueries left out. */
export function holdsWindow(node: TreeNode): boolean {
  return [...walkLevel(node)].some(({ attributes }) => attributes["function_type"] === "window");
}

/** The PARTITION BY lists of all windows of a SELECT. */
export function windowPartitions(select: TreeNode): (readonly TreeNode[])[] {
  const functions = after(select)
    .flatMap((node) => [...walkLevel(node)])
    .filter(({ attributes }) => attributes["function_type"] === "window");
  return functions.map(({ sections }) => sections["WINDOW"]?.[0]?.sections["PARTITION BY"] ?? []);
}

/** True for what keeps a number of rows out of all: LIMIT and OFFSET. */
export function cuts({ sections }: TreeNode): boolean {
  return sections["LIMIT"] !== undefined || sections["OFFSET"] !== undefined;
}

/** True for SELECT DISTINCT. */
export function isDistinct({ attributes }: TreeNode): boolean {
  return attributes["is_distinct"] !== undefined;
}

/** A table as it is: no FINAL, no SAMPLE. */
export function isPlainTable({ attributes }: TreeNode): boolean {
  return Object.keys(attributes).every((name) => name === "alias" || name === "table_name");
}
