/** The project as a graph of datasets: what can be run, in which order. */
import { bronzeName, deliveryName, type Layer } from "../../api/datasets.ts";
import type { Model, Project } from "../../project/project.ts";
import { datasetsOf } from "../../quality/compile-checks.ts";
import { ShoplakeError } from "../../util/errors.ts";
import { dependencyOrder } from "../../util/topological.ts";
import type { DatasetReferences } from "./references.ts";

/** Something that a task can do: read a table, build a model, deliver a dataset. */
export interface GraphNode {
  /** "bronze.shop_orders", "silver.orders", "reporting:gold.dim_customers" (a delivery to a sink). */
  readonly dataset: string;
  /** Deliveries come after all layers. */
  readonly layer: Layer | "sink";
  /** Of the model's header; [] for others. */
  readonly tags: readonly string[];
  /** Names of nodes that must be done first. */
  readonly dependsOn: readonly string[];
  /** What a task does for it. */
  readonly work:
    | { readonly kind: "source"; readonly source: string; readonly table: string }
    | { readonly kind: "model"; readonly model: Model }
    | ({ readonly kind: "sink"; readonly sink: string; readonly dataset: string } & DatasetReferences);
}

/** A table of a source as the project declares it. */
export interface DeclaredTable {
  /** Name of the source in the configuration. */
  readonly source: string;
  /** Name of the table at the source. */
  readonly table: string;
}

/** Nodes in an order in which each comes after what it depends on. Deliveries: `sinkNodes`. */
export function buildGraph(project: Project, tables: readonly DeclaredTable[]): readonly GraphNode[] {
  const sources = tables.map(
    (table): GraphNode => ({
      dataset: bronzeName(table.source, table.table),
      layer: "bronze",
      tags: [],
      dependsOn: [],
      work: { kind: "source", ...table },
    }),
  );
  const models = project.models.map(
    (model): GraphNode => ({
      dataset: model.dataset,
      layer: model.layer,
      tags: model.tags,
      dependsOn: model.dependencies,
      work: { kind: "model", model },
    }),
  );
  return sorted([...sources, ...after(models, compared)]);
}

/**
 * A dataset also comes after those its checks compare it with (relationships, reconciliation, SQL), so that they look at
 * this run's rows. Where that would close a circle, the check looks at what is published.
 */
function compared({ work }: GraphNode): readonly string[] {
  return work.kind === "model" ? work.model.checks.flatMap(datasetsOf) : [];
}

/** Nodes that also come after others, except where that would close a circle. */
function after(
  nodes: readonly GraphNode[],
  others: (node: GraphNode) => readonly string[],
): readonly GraphNode[] {
  const edges = new Map(nodes.map((node) => [node.dataset, [...node.dependsOn]]));
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return (edges.get(from) ?? []).some((next) => reaches(next, to, seen));
  };
  for (const node of nodes)
    for (const other of others(node)) {
      const own = edges.get(node.dataset) ?? [];
      if (!own.includes(other) && edges.has(other) && !reaches(other, node.dataset)) own.push(other);
    }
  return nodes.map((node) => ({ ...node, dependsOn: edges.get(node.dataset) ?? node.dependsOn }));
}

/** Deliveries of datasets to one sink: what others refer to comes before them. */
export function sinkNodes(
  sink: string,
  datasets: readonly string[],
  references: ReadonlyMap<string, DatasetReferences>,
): readonly GraphNode[] {
  const nodes = datasets.map(
    (dataset): GraphNode => ({
      dataset: deliveryName({ sink, dataset }),
      layer: "sink",
      tags: [],
      dependsOn: [dataset],
      work: {
        kind: "sink",
        sink,
        dataset,
        ...(references.get(dataset) ?? { references: [], referenced: [] }),
      },
    }),
  );
  return sorted(after(nodes, ({ work }) => referredTo(sink, work)));
}

function referredTo(sink: string, work: GraphNode["work"]): readonly string[] {
  return work.kind === "sink"
    ? work.references.map(({ to }) => deliveryName({ sink, dataset: to.dataset }))
    : [];
}

/** The nodes, each after those it depends on. Throws `model` for a circle. */
function sorted(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const byName = new Map(nodes.map((node) => [node.dataset, node]));
  const { order, cycles } = dependencyOrder(new Map(nodes.map((node) => [node.dataset, node.dependsOn])));
  const [circle] = cycles;
  if (circle !== undefined) throw cycle(circle);
  return order.flatMap((name) => byName.get(name) ?? []);
}

function cycle(path: readonly string[]): ShoplakeError {
  return new ShoplakeError("model", `models depend on each other in a circle: ${path.join(" -> ")}`, {
    hint: "Break the circle: let one of them read from an earlier layer.",
  });
}
