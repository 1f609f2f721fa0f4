/** All that can be run of a project: tables of sources, models, deliveries to sinks. */
import type { Project } from "../../project/project.ts";
import { buildGraph, type DeclaredTable, type GraphNode, sinkNodes } from "./graph.ts";
import { referencesAmong } from "./references.ts";
import { selectNodes, selectorsOf } from "./select.ts";

/** Each node comes after what it depends on. `tables` are the tables of the sources. Throws `model` for a circle. */
export function projectGraph(project: Project, tables: readonly DeclaredTable[]): readonly GraphNode[] {
  const nodes = buildGraph(project, tables);
  return [...nodes, ...deliveries(project, nodes)];
}

function deliveries(project: Project, nodes: readonly GraphNode[]): readonly GraphNode[] {
  return Object.entries(project.sinks).flatMap(([name, sink]) => {
    const chosen = selectNodes(nodes, selectorsOf(sink), project.schedules);
    const datasets = chosen.map(({ dataset }) => dataset);
    return sinkNodes(name, datasets, referencesAmong(project.models, new Set(datasets)));
  });
}
