/** What datasets and columns are made of, across all models of a project, and what is made of them. */
import { lineageOf, type ModelLineage } from "../analysis/lineage.ts";
import type { OpenedProject } from "../host/open.ts";
import type { Catalogue, OpenProject } from "../pipeline/index.ts";
import { projectError } from "../project/load.ts";
import type { Model } from "../project/project.ts";
import { named } from "../util/named.ts";
import { own } from "../util/own.ts";
import { resolveDataset } from "./datasets.ts";
import { downstreamOf } from "./readers.ts";

/** A dataset or column with what it is made of, down to the sources. */
export interface LineageNode {
  /** "silver.orders", "silver.orders.total", "source shop: orders". */
  readonly name: string;
  /** What it is made of; empty: nothing that is known. */
  readonly from: readonly LineageNode[];
}

/** Where a dataset comes from, and what is built on it. */
export interface DatasetLineage {
  /** Tells it from that of a column. */
  readonly kind: "dataset";
  /** What it is made of. */
  readonly tree: LineageNode;
  /** As `downstreamOf` gives it. */
  readonly downstream: readonly string[];
}

/** Which columns the values of a column are computed from. */
export interface ColumnLineage {
  /** Tells it from that of a dataset. */
  readonly kind: "column";
  /** What it is made of. */
  readonly tree: LineageNode;
  /** Columns that decide which rows there are. */
  readonly rows: readonly string[];
}

/**
 * Lineage of "gold.sales", "sales" or "gold.sales.revenue". Throws `usage` with the nearest name for what there is not, `config`
 * for a dataset whose own file cannot be read.
 */
export async function lineageNamed(
  project: OpenedProject,
  given: string,
): Promise<DatasetLineage | ColumnLineage> {
  const { catalogue } = project;
  refuseBroken(project, given);
  const { dataset, column } = split(catalogue, given);
  if (column === undefined)
    return {
      kind: "dataset",
      tree: upstreamOf(catalogue, dataset),
      downstream: downstreamOf(catalogue, dataset),
    };
  const { columns = [], model } = catalogue.datasets.get(dataset) ?? {};
  named("column", column, new Map(columns.map((each) => [each.name, each])));
  const tree = await columnLineage(project, dataset, column);
  return { kind: "column", tree, rows: model ? (await modelLineage(project, model)).rows : [] };
}

/** The dataset's inputs, their inputs, and so on; bronze ends at its source. */
export function upstreamOf(catalogue: Catalogue, dataset: string): LineageNode {
  const { model, origin } = catalogue.datasets.get(dataset) ?? {};
  if (model) return { name: dataset, from: model.dependencies.map((each) => upstreamOf(catalogue, each)) };
  const source = origin && { name: `source ${origin.source}: ${origin.table}`, from: [] };
  return { name: dataset, from: source === undefined ? [] : [source] };
}

/** The column's input columns, their inputs, and so on. */
export async function columnLineage(
  project: OpenProject,
  dataset: string,
  column: string,
): Promise<LineageNode> {
  const known = new Map<string, Promise<ModelLineage>>();
  const trace = async (name: string): Promise<LineageNode> => {
    const dot = name.lastIndexOf(".");
    const model = project.catalogue.datasets.get(name.slice(0, dot))?.model;
    if (model === undefined) return { name, from: [] };
    const lineage = known.get(model.dataset) ?? modelLineage(project, model);
    known.set(model.dataset, lineage);
    const inputs = own((await lineage).columns, name.slice(dot + 1)) ?? [];
    return { name, from: await Promise.all(inputs.map(trace)) };
  };
  return trace(`${dataset}.${column}`);
}

function modelLineage({ host, catalogue }: OpenProject, model: Model): Promise<ModelLineage> {
  const inputs = model.dependencies.map(
    (name) => [name, catalogue.datasets.get(name)?.columns ?? []] as const,
  );
  return lineageOf(host.engine, model, Object.fromEntries(inputs));
}

/** "gold.sales.revenue" is a column when "gold.sales" is a dataset; a dataset alone may leave its layer out. */
function split(
  { datasets }: Catalogue,
  given: string,
): { readonly dataset: string; readonly column?: string } {
  const dot = given.lastIndexOf(".");
  const before = given.slice(0, dot);
  if (dot > 0 && datasets.has(before)) return { dataset: before, column: given.slice(dot + 1) };
  return { dataset: resolveDataset(datasets.keys(), given) };
}

/** Of a file that could not be read its own problems are told, not that there is no such dataset. */
function refuseBroken({ host }: OpenedProject, given: string): void {
  const { broken, problems } = host.files();
  const dataset = broken.find((name) => given === name || given.startsWith(`${name}.`));
  if (dataset === undefined) return;
  const [layer, name] = dataset.split(".");
  const own = problems.filter(
    ({ file }) => file?.startsWith(`models/${layer}/`) && file.endsWith(`/${name}.sql`),
  );
  throw projectError(own.length > 0 ? own : problems);
}
