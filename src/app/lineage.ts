/** What datasets and columns are made of, across all models of a project. */

import { lineageOf, type ModelLineage } from "../analysis/lineage.ts";
import type { Column } from "../engine/engine.ts";
import type { Workspace } from "../pipeline/context.ts";
import type { Model } from "../project/project.ts";

/** A dataset or column with what it is made of, down to the sources. */
export interface LineageNode {
  readonly name: string;
  readonly from: readonly LineageNode[];
}

/** The dataset's inputs, their inputs, and so on; bronze ends at its source. */
export function upstreamOf(
  workspace: Pick<Workspace, "project" | "sourceTables">,
  dataset: string,
): LineageNode {
  const model = workspace.project.models.find((candidate) => candidate.dataset === dataset);
  if (model) return { name: dataset, from: model.dependencies.map((each) => upstreamOf(workspace, each)) };
  const source = sourceOf(workspace, dataset);
  return { name: dataset, from: source === undefined ? [] : [{ name: source, from: [] }] };
}

/** Models and sinks that read the dataset, directly or through others, sorted. */
export function downstreamOf(workspace: Pick<Workspace, "project">, dataset: string): readonly string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    for (const model of workspace.project.models)
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
  workspace: Workspace,
  dataset: string,
  column: string,
): Promise<LineageNode> {
  const known = new Map<string, Promise<ModelLineage>>();
  const trace = async (name: string): Promise<LineageNode> => {
    const dot = name.lastIndexOf(".");
    const model = workspace.project.models.find((candidate) => candidate.dataset === name.slice(0, dot));
    if (model === undefined) return { name, from: [] };
    const lineage = known.get(model.dataset) ?? modelLineage(workspace, model);
    known.set(model.dataset, lineage);
    const inputs = (await lineage).columns[name.slice(dot + 1)] ?? [];
    return { name, from: await Promise.all(inputs.map(trace)) };
  };
  return trace(`${dataset}.${column}`);
}

/** The columns that decide which rows the model has. */
export async function rowLineage(workspace: Workspace, model: Model): Promise<readonly string[]> {
  return (await modelLineage(workspace, model)).rows;
}

/** Columns of a dataset: those of its model, else of what bronze holds. */
export async function columnsOf(workspace: Workspace, dataset: string): Promise<readonly Column[]> {
  const model = workspace.project.models.find((candidate) => candidate.dataset === dataset);
  return model?.schema ?? (await workspace.lake.table(dataset).snapshot())?.columns ?? [];
}

async function modelLineage(workspace: Workspace, model: Model): Promise<ModelLineage> {
  const inputs = await Promise.all(
    model.dependencies.map(async (name) => [name, await columnsOf(workspace, name)] as const),
  );
  return lineageOf(workspace.engine, model, Object.fromEntries(inputs));
}

function sourceOf({ sourceTables }: Pick<Workspace, "sourceTables">, dataset: string): string | undefined {
  for (const [source, tables] of Object.entries(sourceTables))
    for (const table of tables)
      if (dataset === `bronze.${source}_${table.name}`) return `source ${source}: ${table.name}`;
  return undefined;
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
