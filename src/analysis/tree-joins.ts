/** The FROM part of a query tree: which tables are where, and how joins connect them. */
import type { TreeNode } from "../engine/query-tree.ts";
import { holdsQuery, sourcesOf } from "./tree-expression.ts";

/** Two parts of FROM and how their rows meet. */
export interface Join {
  /** A table, a subquery or another join. */
  readonly left: TreeNode;
  /** A table, a subquery or another join. */
  readonly right: TreeNode;
  /** "INNER", "LEFT", "RIGHT", "FULL"; a comma and CROSS count as INNER without conditions. */
  readonly kind: string;
  /** "ALL", "ANY", "SEMI", "ANTI", "ASOF". */
  readonly strictness: string;
  /** Conditions that all hold for a joined row; undefined when one of them cannot be read. */
  readonly conditions: readonly TreeNode[] | undefined;
}

/** A node of FROM as binary joins; undefined when it is no join, or one of unknown kind. */
export function asJoin(node: TreeNode): Join | undefined {
  const { sections, attributes } = node;
  if (node.kind === "CROSS JOIN") {
    const tables = sections["TABLE EXPRESSION"] ?? [];
    const [first, second, ...rest] = tables;
    if (!first || !second) return undefined;
    const left =
      rest.length === 0 ? first : { ...node, sections: { "TABLE EXPRESSION": tables.slice(0, -1) } };
    return { left, right: rest.at(-1) ?? second, kind: "INNER", strictness: "ALL", conditions: [] };
  }
  const [left] = sections["LEFT TABLE EXPRESSION"] ?? [];
  const [right] = sections["RIGHT TABLE EXPRESSION"] ?? [];
  const { kind = "", strictness = "" } = attributes;
  const known = Object.keys(attributes).every((name) => ["kind", "strictness", "alias"].includes(name));
  if (node.kind !== "JOIN" || !left || !right || !known) return undefined;
  if (!["INNER", "LEFT", "RIGHT", "FULL"].includes(kind)) return undefined;
  if (!["ALL", "ANY", "SEMI", "ANTI", "ASOF"].includes(strictness)) return undefined;
  const given = sections["JOIN EXPRESSION"] ?? [];
  const conditions = given.flatMap(conjuncts);
  return { left, right, kind, strictness, conditions: conditions.some(holdsQuery) ? undefined : conditions };
}

/** USING lists columns that hold both sides; ON is one condition. */
function conjuncts(node: TreeNode): TreeNode[] {
  if (node.kind === "FUNCTION" && node.attributes["function_name"] === "and")
    return (node.sections["ARGUMENTS"] ?? []).flatMap(conjuncts);
  return [node];
}

/** Pairs of expressions, left and right, that are equal in every joined row. */
export function equalities(join: Join): { readonly left: TreeNode; readonly right: TreeNode }[] {
  const leftIds = fromIds(join.left);
  const rightIds = fromIds(join.right);
  return (join.conditions ?? []).flatMap((condition) => {
    const [a, b] = sides(condition);
    if (!a || !b || typeOf(a) !== typeOf(b) || !comparable(typeOf(a))) return [];
    if (within(a, leftIds) && within(b, rightIds)) return [{ left: a, right: b }];
    return within(b, leftIds) && within(a, rightIds) ? [{ left: b, right: a }] : [];
  });
}

function sides(condition: TreeNode): readonly (TreeNode | undefined)[] {
  if (condition.kind === "COLUMN") {
    const pair = condition.sections["EXPRESSION"] ?? [];
    return pair.length === 2 ? pair : [];
  }
  const isEquals = condition.attributes["function_name"] === "equals";
  const args = condition.sections["ARGUMENTS"] ?? [];
  return isEquals && args.length === 2 ? args : [];
}

function typeOf(node: TreeNode): string {
  return node.attributes["result_type"] ?? "";
}

/** Types whose equal values are the same value: not Float (0 = -0), nothing that holds it or JSON. */
function comparable(type: string): boolean {
  const inner = /^(?:LowCardinality\()?(?:Nullable\()?(\w+)/.exec(type)?.[1] ?? "";
  return /^(U?Int\d+|Date(32)?|DateTime(64)?|String|FixedString|UUID|Bool|Enum\d+|Decimal\d*|IPv[46])$/.test(
    inner,
  );
}

function within(node: TreeNode, ids: ReadonlySet<string>): boolean {
  const used = sourcesOf(node);
  return used.size > 0 && [...used].every((id) => ids.has(id));
}

/** Ids that columns of this part of FROM may have as their source. */
export function fromIds(node: TreeNode): Set<string> {
  return new Set([node.id, ...tablesIn(node).flatMap((table) => [...fromIds(table)])]);
}

/** Parts of a join or array join; nothing for a table or subquery. */
export function tablesIn(node: TreeNode): readonly TreeNode[] {
  return ["LEFT TABLE EXPRESSION", "RIGHT TABLE EXPRESSION", "TABLE EXPRESSION"].flatMap(
    (name) => node.sections[name] ?? [],
  );
}
