/** Column lineage of a model, from the engine's own query tree. */
import type { Column, Engine } from "../engine/engine.ts";
import { queryTree } from "../engine/introspect.ts";
import { children, type TreeNode } from "../engine/query-tree.ts";
import type { Model } from "../project/project.ts";
import { cached } from "./cache.ts";
import { type Scratch, withScratch } from "./scratch.ts";
import { isQuery } from "./tree-expression.ts";
import { baseColumn, branches, resultExpressions, type Sources, sourcesOfTree } from "./tree-sources.ts";

/** What the result of a model is computed from. */
export interface ModelLineage {
  /** For each result column the input columns its value is computed from: "silver.orders.total", sorted. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
  /** Input columns that decide which rows there are and what they are grouped by: WHERE, JOIN, GROUP BY and the like. */
  readonly rows: readonly string[];
}

/** Columns of the input datasets by name. */
export type Inputs = Readonly<Record<string, readonly Column[]>>;

/** Lineage of one model. `cacheDir` keeps the answer until the model, its inputs or the engine change. */
export async function lineageOf(
  engine: Engine,
  model: Model,
  inputs: Inputs,
  cacheDir?: string,
): Promise<ModelLineage> {
  const key = [engine.version, model.sql, inputs];
  return cached(cacheDir, { name: `lineage-${model.dataset}`, key }, () =>
    withScratch(engine, async (scratch) => {
      for (const [dataset, columns] of Object.entries(inputs)) await scratch.create(dataset, columns);
      const tree = await queryTree(engine, scratch.rewrite(model.sql));
      return traceLineage(tree, { scratch, inputs });
    }),
  );
}

/** What the tables of a tree are called in the project. */
export interface TraceContext {
  /** Knows the dataset of each scratch table. */
  readonly scratch: Pick<Scratch, "dataset">;
  /** Columns of the datasets that the model reads. */
  readonly inputs: Inputs;
}

/** Lineage of a resolved tree. Columns of tables that are no datasets are left out. */
export function traceLineage(root: TreeNode, context: TraceContext): ModelLineage {
  const trace: Trace = { ...context, sources: sourcesOfTree(root), known: new Map() };
  const names = branches(root)[0]?.columns ?? [];
  const columns = names.map((name, i) => [name, sorted(inputsOfResult(root, i, trace))] as const);
  return { columns: Object.fromEntries(columns), rows: sorted(inputsOfRows(root, trace)) };
}

function sorted(names: Iterable<string>): string[] {
  return [...new Set(names)].sort();
}

interface Trace extends TraceContext {
  readonly sources: Sources;
  /** Inputs of columns that were traced already, by source id and name. */
  readonly known: Map<string, readonly string[]>;
}

/** Inputs of the i-th result column. */
function inputsOfResult(query: TreeNode, i: number, trace: Trace): string[] {
  return branches(query).flatMap((branch) => {
    const expression = branch.sections["PROJECTION"]?.[i];
    return expression ? inputsOf(expression, trace) : [];
  });
}

/** Inputs of an expression: of its columns, and of the subqueries inside it. */
function inputsOf(node: TreeNode, trace: Trace): readonly string[] {
  if (node.kind === "COLUMN") return [...inputsOfColumn(node, trace), ...inputsBelow(node, trace)];
  if (!isQuery(node)) return inputsBelow(node, trace);
  const width = branches(node)[0]?.columns.length ?? 0;
  const values = Array.from({ length: width }, (_, i) => inputsOfResult(node, i, trace));
  return [...values.flat(), ...inputsOfRows(node, trace)];
}

function inputsBelow(node: TreeNode, trace: Trace): string[] {
  return children(node).flatMap((child) => inputsOf(child, trace));
}

function inputsOfColumn({ attributes }: TreeNode, trace: Trace): readonly string[] {
  const { source_id: id = "", column_name: name = "" } = attributes;
  const key = `${id}\0${name}`;
  const known = trace.known.get(key);
  if (known) return known;
  trace.known.set(key, []);
  const found = sorted(inputsFromSource(trace.sources.get(id), name, trace));
  trace.known.set(key, found);
  return found;
}

function inputsFromSource(source: TreeNode | undefined, name: string, trace: Trace): readonly string[] {
  if (source?.kind === "TABLE") {
    const dataset = trace.scratch.dataset(source.attributes["table_name"] ?? "");
    const columns = dataset === undefined ? undefined : trace.inputs[dataset]?.map((column) => column.name);
    return columns ? [`${dataset}.${baseColumn(name, columns)}`] : [];
  }
  if (source && isQuery(source)) {
    const expressions = resultExpressions(source, name);
    return expressions ? expressions.flatMap((node) => inputsOf(node, trace)) : inputsOf(source, trace);
  }
  const made = source?.sections["JOIN EXPRESSIONS"] ?? [];
  return made
    .filter((node) => node.attributes["column_name"] === name)
    .flatMap((node) => inputsBelow(node, trace));
}

/** Sections of a query that decide about rows; windows count as part of the values. */
const rowSections = ["WHERE", "PREWHERE", "GROUP BY", "HAVING", "QUALIFY", "LIMIT BY"];

/** Inputs that decide about the rows of a query and of everything it selects from. */
function inputsOfRows(query: TreeNode, trace: Trace): string[] {
  return branches(query).flatMap(({ sections, attributes }) => {
    const cut = sections["LIMIT"] ?? sections["LIMIT BY"] ?? sections["OFFSET"];
    const distinct = attributes["is_distinct"] !== undefined || isSet(query);
    const deciding = [
      ...rowSections.flatMap((name) => sections[name] ?? []),
      ...(cut ? (sections["ORDER BY"] ?? []) : []),
      ...(distinct ? (sections["PROJECTION"] ?? []) : []),
    ];
    const from = sections["JOIN TREE"] ?? [];
    return [
      ...deciding.flatMap((node) => inputsOf(node, trace)),
      ...from.flatMap((node) => inputsOfJoin(node, trace)),
    ];
  });
}

function inputsOfJoin(node: TreeNode, trace: Trace): string[] {
  if (isQuery(node)) return inputsOfRows(node, trace);
  const named = (names: readonly string[]) => names.flatMap((name) => node.sections[name] ?? []);
  const tables = named(["LEFT TABLE EXPRESSION", "RIGHT TABLE EXPRESSION", "TABLE EXPRESSION"]);
  const conditions = named(["JOIN EXPRESSION", "JOIN EXPRESSIONS"]);
  return [
    ...conditions.flatMap((condition) => inputsOf(condition, trace)),
    ...tables.flatMap((table) => inputsOfJoin(table, trace)),
  ];
}

/** Set operations compare whole rows. */
function isSet(query: TreeNode): boolean {
  return query.kind === "UNION" && query.attributes["union_mode"] !== "UNION_ALL";
}
