/** Whether a SELECT may hide rows for reasons that one input row alone does not show. */
import { type TreeNode, walk } from "../engine/query-tree.ts";
import { holdsQuery, isQuery, sourcesOf, walkLevel } from "./tree-expression.ts";
import { asJoin, fromIds, tablesIn } from "./tree-joins.ts";
import { countDatasets, type DatasetOf } from "./tree-occurrences.ts";
import { cuts, holdsAggregate, holdsWindow, isPlain, isPlainTable } from "./tree-select.ts";
import { branches, resultExpressions, type Sources, sourcesOfTree } from "./tree-sources.ts";

/** See `Locality.postFilter`. True whenever in doubt. */
export function hidesRows(root: TreeNode, datasetOf: DatasetOf): boolean {
  const { anywhere } = countDatasets(root, datasetOf);
  return [...anywhere.values()].some((times) => times > 1) || queryHides(root, sourcesOfTree(root));
}

function queryHides(query: TreeNode, sources: Sources): boolean {
  if (query.kind === "UNION" && !/^UNION_(ALL|DISTINCT)$/.test(query.attributes["union_mode"] ?? ""))
    return true;
  if (query.attributes["is_recursive_cte"] !== undefined) return true;
  return branches(query).some((select) => selectHides(select, sources));
}

function selectHides(select: TreeNode, sources: Sources): boolean {
  const { sections } = select;
  const [from] = sections["JOIN TREE"] ?? [];
  if (!isPlain(select) || !from || cuts(select)) return true;
  if (sections["HAVING"] || sections["QUALIFY"] || sections["LIMIT BY"]) return true;
  const expressions = Object.entries(sections).flatMap(([name, nodes]) =>
    name === "JOIN TREE" ? [] : nodes,
  );
  if (expressions.some(holdsQuery)) return true;
  const unfolded = expressions.flatMap((node) => [...walkLevel(node)]).filter(isArrayJoin);
  const filters = [...(sections["WHERE"] ?? []), ...(sections["PREWHERE"] ?? []), ...unfolded];
  const optional = optionalIds(from);
  return filters.some((filter) => isUnsure(filter, optional, sources)) || fromHides(from, sources);
}

/** A row with an empty array disappears. */
function isArrayJoin({ attributes }: TreeNode): boolean {
  return attributes["function_name"] === "arrayJoin" || attributes["function_name"] === "unnest";
}

function fromHides(node: TreeNode, sources: Sources): boolean {
  if (isQuery(node)) return queryHides(node, sources);
  if (node.kind === "TABLE") return !isPlainTable(node);
  if (node.kind === "TABLE_FUNCTION")
    return [...walk(node)].some((inner) => inner.kind === "TABLE" || isQuery(inner));
  if (node.kind === "ARRAY_JOIN") {
    const arrays = node.sections["JOIN EXPRESSIONS"] ?? [];
    const optional = new Set(tablesIn(node).flatMap((table) => [...optionalIds(table)]));
    return (
      arrays.some((array) => isUnsure(array, optional, sources)) ||
      tablesIn(node).some((table) => fromHides(table, sources))
    );
  }
  const join = asJoin(node);
  if (!join?.conditions || !["INNER", "LEFT"].includes(join.kind)) return true;
  if (join.strictness === "ANTI" || (join.kind === "INNER" && join.strictness !== "ALL")) return true;
  const optional = new Set([...optionalIds(join.left), ...optionalIds(join.right)]);
  if (join.conditions.some((condition) => isUnsure(condition, optional, sources))) return true;
  return fromHides(join.left, sources) || fromHides(join.right, sources);
}

/** Sources whose columns hold defaults or NULL when a join finds nothing for them. */
function optionalIds(node: TreeNode): Set<string> {
  const join = asJoin(node);
  if (!join) return new Set(tablesIn(node).flatMap((table) => [...optionalIds(table)]));
  const own = join.kind === "LEFT" && join.strictness !== "SEMI" ? [...fromIds(join.right)] : [];
  return new Set([...own, ...optionalIds(join.left), ...optionalIds(join.right)]);
}

/** A condition that looks at the optional side of a join, at an aggregate, a window or a subquery, here or further down. */
function isUnsure(condition: TreeNode, optional: ReadonlySet<string>, sources: Sources): boolean {
  if (holdsQuery(condition) || holdsAggregate(condition) || holdsWindow(condition)) return true;
  if ([...sourcesOf(condition)].some((id) => optional.has(id))) return true;
  return columns(condition).some((column) => !isRowLevel(column, sources, 0));
}

function columns(node: TreeNode): TreeNode[] {
  return [...walk(node)].filter(({ kind }) => kind === "COLUMN");
}

/** True for a column that comes from one row of a table through plain expressions only. */
function isRowLevel(column: TreeNode, sources: Sources, depth: number): boolean {
  const source = sources.get(column.attributes["source_id"] ?? "");
  if (depth > 50 || !source) return false;
  if (source.kind === "TABLE" || source.kind === "LAMBDA" || source.kind === "TABLE_FUNCTION") return true;
  if (source.kind === "JOIN" || source.kind === "ARRAY_JOIN") {
    const inside = (source.sections["JOIN EXPRESSIONS"] ?? [])
      .flatMap(columns)
      .filter(({ attributes }) => attributes["source_id"] !== source.id);
    return inside.every((inner) => isRowLevel(inner, sources, depth + 1));
  }
  const expressions = resultExpressions(source, column.attributes["column_name"] ?? "");
  if (!expressions) return false;
  const optional = new Set(
    branches(source).flatMap(({ sections }) =>
      (sections["JOIN TREE"] ?? []).flatMap((node) => [...optionalIds(node)]),
    ),
  );
  return expressions.every((expression) => !isUnsure(expression, optional, sources));
}
