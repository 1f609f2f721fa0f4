/** What datasets and columns are made of, across all models of a project. */

import { lineageOf, type ModelLineage } from "../analysis/lineage.ts";
import type { Catalogue, OpenProject } from "../pipeline/index.ts";
import type { Model } from "../project/project.ts";

/** A dataset or column with what it is made of, down to the sources. */
export interface LineageNode {
  readonly name: string;
  readonly from: readonly LineageNode[];
}

/** The dataset's inputs, their inputs, and so on; bronze ends at its source. */
export function upstreamOf(catalogue: Catalogue, dataset: string): LineageNode {
  const { model, origin } = catalogue.datasets.get(dataset) ?? {};
  if (model) return { name: dataset, from: model.dependencies.map((each) => upstreamOf(catalogue, each)) };
  const source = origin && { name: `source ${origin.source}: ${origin.table}`, from: [] };
  return { name: dataset, from: source === undefined ? [] : [source] };
}

/** Models and sinks that read the dataset, directly or through others, sorted. */
export function downstreamOf(catalogue: Catalogue, dataset: string): readonly string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    for (const model of catalogue.project.models)
      if (model.dependencies.includes(name) && !found.has(model.dataset)) {
        found.add(model.dataset);
        visit(model.dataset);
      }
  };
  visit(dataset);
  return [...found].sort();
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
    const inputs = (await lineage).columns[name.slice(dot + 1)] ?? [];
    return { name, from: await Promise.all(inputs.map(trace)) };
  };
  return trace(`${dataset}.${column}`);
}

/** The columns that decide which rows the model has. */
export async function rowLineage(project: OpenProject, model: Model): Promise<readonly string[]> {
  return (await modelLineage(project, model)).rows;
}

function modelLineage({ host, catalogue }: OpenProject, model: Model): Promise<ModelLineage> {
  const inputs = model.dependencies.map(
    (name) => [name, catalogue.datasets.get(name)?.columns ?? []] as const,
  );
  return lineageOf(host.engine, model, Object.fromEntries(inputs));
}

/** A tree as lines: branches drawn, what was shown before only named. */
export function renderLineage(root: LineageNode): string[] {
  const seen = new Set<string>();
  const lines = (node: LineageNode, first: string, rest: string): string[] => {
    const repeated = seen.has(node.name) && node.from.length > 0;
    seen.add(node.name);
    const own = `${first}${node.name}${repeated ? "  (above)" : ""}`;
    if (repeated) return [own];
    return [
      own,
      ...node.from.flatMap((child, index) => {
        const last = index === node.from.length - 1;
        return lines(child, `${rest}${last ? "└─ " : "├─ "}`, `${rest}${last ? "   " : "│  "}`);
      }),
    ];
  };
  return lines(root, "", "");
}
