/**
 * What the incremental planner may rely on, proved on the query tree of a model's SELECT. Whatever is not recognised counts as
 * unknown, which costs a full rebuild and never a wrong row.
 *
 * All statements are about the SELECT alone: choosing the newest row of a key (`newest_by`), row rules and declared types
 * come after it, and the planner has to think of them itself.
 */
import type { Column, Engine } from "../engine/engine.ts";
import { queryTree, sampleParameters } from "../engine/introspect.ts";
import { parametersOf, parameterTokens } from "../engine/parameters.ts";
import { type TreeNode, walk } from "../engine/query-tree.ts";
import { rewriteTables } from "../engine/rewrite.ts";
import { idents } from "../engine/sql.ts";
import type { Model } from "../project/project.ts";
import { isRetryable } from "../util/errors.ts";
import { cached } from "./cache.ts";
import { nondeterministicFunctions } from "./determinism.ts";
import { traceLineage } from "./lineage.ts";
import { hidesRows } from "./locality-filter.ts";
import { type Followed, followExpression } from "./locality-follow.ts";
import { findLookups } from "./locality-lookups.ts";
import { rowWiseDatasets } from "./locality-rows.ts";
import { type Scratch, withScratch } from "./scratch.ts";
import { type PrintOptions, printExpression } from "./tree-expression.ts";
import type { DatasetOf } from "./tree-occurrences.ts";

/** A row-level expression over the columns of one input. */
export interface Origin {
  /** The input that the expression is about. */
  readonly dataset: string;
  /** SQL over the dataset's own columns. */
  readonly expression: string;
}

/** `driving [LEFT | INNER] JOIN dataset ON by = key`: a row of `driving` sees only rows of `dataset` whose `key` is its own `by`. */
export interface Lookup {
  /** That is looked up. */
  readonly dataset: string;
  /** SQL over the dataset's own columns. */
  readonly key: string;
  /** Whose rows look up the others. */
  readonly driving: string;
  /** SQL over the columns of `driving`. */
  readonly by: string;
}

/** What was proved of a model's SELECT. */
export interface Locality {
  /**
   * The SELECT over the union of two sets of rows of `driving` is the union of the SELECTs over each, with the other inputs
   * as they are: rows that are added there only add rows here.
   */
  readonly rowWise: boolean;
  /** With `rowWise`: that input; the first in FROM when it holds for several. */
  readonly driving: string | undefined;
  /** No function whose value depends on more than the rows and parameters. */
  readonly deterministic: boolean;
  /** Columns of each input that the result depends on in any way. An input that is only counted has none. */
  readonly columnsUsed: Readonly<Record<string, readonly string[]>>;
  /**
   * A result row whose `partition_by` has the value p depends, of this input, only on rows whose expression has the value
   * p. Undefined without `partition_by`, or when it cannot be shown. The first such input in FROM.
   */
  readonly partition: Origin | undefined;
  /** The same for every input for which it can be shown. */
  readonly partitions: readonly Origin[];
  /** Like `partitions`, for the key in the place of the partition; a key of several columns is a tuple. */
  readonly keys: readonly Origin[];
  /** Inputs that are looked up, each at most once. To be used only when `postFilter` is false. */
  readonly lookups: readonly Lookup[];
  /**
   * False only if every row of an input that has a share in a result row, or keeps one away, also reaches that row's
   * partition when the SELECT runs over this one row of the input and the whole other inputs. True with HAVING, QUALIFY,
   * conditions on aggregates, windows, subqueries or the optional side of a join, ANTI and outer joins that keep the
   * right side, EXCEPT, LIMIT, and inputs that are read twice.
   */
  readonly postFilter: boolean;
}

/** Counts up when `Locality` gets another shape, so that answers kept by an older release are not read. */
const cacheFormat = 3;

type Schemas = Readonly<Record<string, readonly Column[]>>;

/**
 * The facts about one model. `schemas` holds the columns of its inputs. `cacheDir` keeps the answer until the model, the
 * schemas or the engine change. Never throws for a model that the engine accepts.
 */
export async function localityOf(
  engine: Engine,
  model: Model,
  schemas: Schemas,
  cacheDir?: string,
): Promise<Locality> {
  const { sql, partitionBy, key, columns } = model;
  const typed = columns.map(({ name, type }) => [name, type]);
  return cached(
    cacheDir,
    {
      name: `locality-${model.dataset}`,
      key: [cacheFormat, engine.version, sql, partitionBy, key, typed, schemas],
    },
    () => prove(engine, model, schemas),
  );
}

async function prove(engine: Engine, model: Model, schemas: Schemas): Promise<Locality> {
  const forbidden = await nondeterministicFunctions(engine);
  return withScratch(engine, async (scratch) => {
    for (const [dataset, columns] of Object.entries(schemas))
      if (columns.length > 0) await scratch.create(dataset, columns);
    const everything = Object.entries(schemas).map(([dataset, columns]) => [
      dataset,
      columns.map(({ name }) => name),
    ]);
    const unknown: Locality = {
      rowWise: false,
      driving: undefined,
      deterministic: false,
      columnsUsed: Object.fromEntries(everything),
      partition: undefined,
      partitions: [],
      keys: [],
      lookups: [],
      postFilter: true,
    };
    try {
      return { ...unknown, ...(await facts({ engine, model, schemas, scratch, forbidden })) };
    } catch (error) {
      if (isRetryable(error)) throw error;
      return unknown;
    }
  });
}

interface Proof {
  readonly engine: Engine;
  readonly model: Model;
  readonly schemas: Schemas;
  readonly scratch: Scratch;
  readonly forbidden: ReadonlySet<string>;
}

/** One tree holds everything: `SELECT *, partition, key FROM (model)`. */
async function facts(proof: Proof): Promise<Partial<Locality>> {
  const { model, schemas, scratch, forbidden } = proof;
  const { key, partitionBy } = model;
  const byPartition = partitionBy !== undefined && !touchesTyped(model, partitionBy);
  const byKey = key.length > 0 && !key.some((name) => isTyped(model, name));
  const asked = [...(byPartition ? [`(\n${partitionBy}\n)`] : []), ...(byKey ? [tupleOf(key)] : [])];
  const list = asked.length === 0 ? "*" : asked.join(", ");
  const { tree: root, constants } = await treeOf(proof, `SELECT ${list} FROM (\n${model.sql}\n)`);
  const [tree] = root.sections["JOIN TREE"] ?? [];
  if (!tree) return {};
  const datasetOf = (table: TreeNode) => scratch.dataset(table.attributes["table_name"] ?? "");
  const nodes = [...walk(tree)];
  const called = nodes.flatMap((node) => node.attributes["function_name"] ?? []);
  const deterministic = !called.some((name) => forbidden.has(name.toLowerCase()));
  const { columns, rows } = traceLineage(tree, { scratch, inputs: schemas });
  const columnsUsed = usedColumns([...Object.values(columns).flat(), ...rows], Object.keys(schemas));
  const seen = new Set(nodes.flatMap((node) => (node.kind === "TABLE" ? (datasetOf(node) ?? []) : [])));
  const complete = Object.keys(schemas).every((name) => seen.has(name) || !mentions(model.sql, name));
  if (!deterministic || !complete) return { deterministic, columnsUsed };
  const [driving] = rowWiseDatasets(tree, datasetOf);
  const origins = (i: number) => printed(followExpression(root, i, datasetOf), { forbidden, constants });
  const partitions = byPartition ? origins(0) : [];
  return {
    rowWise: driving !== undefined,
    driving,
    deterministic,
    columnsUsed,
    partition: partitions[0],
    partitions,
    keys: byKey ? origins(asked.length - 1) : [],
    lookups: lookupsIn(tree, datasetOf, { forbidden, constants }),
    postFilter: hidesRows(tree, datasetOf),
  };
}

function lookupsIn(tree: TreeNode, datasetOf: DatasetOf, options: PrintOptions): Lookup[] {
  return findLookups(tree, datasetOf).flatMap(({ dataset, driving, key, by }) => {
    const [ofDataset, ofDriving] = [printExpression(key, options), printExpression(by, options)];
    if (ofDataset === undefined || ofDriving === undefined || dataset === driving) return [];
    return [{ dataset, key: ofDataset, driving, by: ofDriving }];
  });
}

/** True when the statement names the dataset anywhere, also where the engine drops it: in a CTE that nobody reads. */
function mentions(sql: string, dataset: string): boolean {
  return rewriteTables(sql, { [dataset]: "other.table" }) !== sql;
}

function tupleOf(key: readonly string[]): string {
  return key.length === 1 ? idents(key) : `tuple(${idents(key)})`;
}

/**
 * The tree with each parameter behind `materialize`, so that its sample value is never mistaken for a constant of the model.
 * Where the engine wants a constant, the values stay, and no constant may be trusted.
 */
async function treeOf(
  { engine, scratch }: Proof,
  sql: string,
): Promise<{ tree: TreeNode; constants: boolean }> {
  const rewritten = scratch.rewrite(sql);
  const params = sampleParameters(parametersOf(sql));
  const marked = parameterTokens(rewritten).reduceRight(
    (text, { start, end }) =>
      `${text.slice(0, start)}materialize(${text.slice(start, end)})${text.slice(end)}`,
    rewritten,
  );
  try {
    return { tree: await queryTree(engine, marked, { params }), constants: true };
  } catch (error) {
    if (marked === rewritten) throw error;
    return { tree: await queryTree(engine, rewritten, { params }), constants: false };
  }
}

function usedColumns(names: readonly string[], datasets: readonly string[]): Record<string, string[]> {
  const of = (dataset: string) =>
    names.filter((name) => name.startsWith(`${dataset}.`)).map((name) => name.slice(dataset.length + 1));
  return Object.fromEntries(datasets.map((dataset) => [dataset, [...new Set(of(dataset))].sort()]));
}

/** Declared types are applied after the SELECT by casts that this proof knows nothing of. */
function isTyped(model: Model, name: string): boolean {
  return model.columns.some((column) => column.name === name && column.type !== undefined);
}

function touchesTyped(model: Model, expression: string): boolean {
  return model.columns.some(({ name, type }) => type !== undefined && expression.includes(name));
}

function printed(followed: readonly Followed[], options: PrintOptions): Origin[] {
  const found = followed.map(({ dataset, expressions }) => {
    const texts = expressions.map((node) => node && printExpression(node, options));
    return { dataset, texts: [...new Set(texts)] };
  });
  return found.flatMap(({ dataset, texts: [expression, ...others] }) =>
    expression !== undefined && others.length === 0 ? [{ dataset, expression }] : [],
  );
}
