/** What reads a dataset: the one answer for lineage and dictionary. */
import type { Catalogue } from "../pipeline/index.ts";
import { datasetsOf } from "../quality/compile-checks.ts";

/** Names of what reads a dataset directly. */
export interface Readers {
  /** Datasets whose models read it. */
  readonly datasets: readonly string[];
  /** Queries of the project. */
  readonly queries: readonly string[];
  /** Sinks that it is delivered to. */
  readonly sinks: readonly string[];
  /** Checks that compare another dataset with it: "relationships of silver.orders". */
  readonly checks: readonly string[];
}

/** Who reads the dataset; each list sorted. */
export function readersOf({ project, graph }: Catalogue, dataset: string): Readers {
  const sinks = graph.flatMap(({ work }) =>
    work.kind === "sink" && work.dataset === dataset ? [work.sink] : [],
  );
  return {
    datasets: project.models
      .filter(({ dependencies }) => dependencies.includes(dataset))
      .map((model) => model.dataset)
      .sort(),
    queries: project.queries
      .filter(({ reads }) => reads.includes(dataset))
      .map(({ name }) => name)
      .sort(),
    sinks: sinks.sort(),
    checks: project.models
      .filter((model) => model.dataset !== dataset)
      .flatMap((model) =>
        model.checks
          .filter((check) => datasetsOf(check).includes(dataset))
          .map(({ name }) => `${name} of ${model.dataset}`),
      )
      .sort(),
  };
}

/**
 * Everything that a change of the dataset reaches, directly or through datasets: datasets first, then "sink reporting",
 * "query kpi/revenue", "check relationships of silver.orders".
 */
export function downstreamOf(catalogue: Catalogue, dataset: string): readonly string[] {
  const reached = new Set([dataset]);
  const ends = new Map<string, readonly string[]>();
  for (const each of reached) {
    const { datasets, sinks, queries, checks } = readersOf(catalogue, each);
    for (const next of datasets) reached.add(next);
    ends.set(each, [
      ...sinks.map((name) => `sink ${name}`),
      ...queries.map((name) => `query ${name}`),
      ...checks.map((name) => `check ${name}`),
    ]);
  }
  reached.delete(dataset);
  return [...[...reached].sort(), ...[...new Set([...ends.values()].flat())].sort(byKind)];
}

const kinds = ["sink", "query", "check"];

function byKind(a: string, b: string): number {
  const rank = (name: string) => kinds.indexOf(name.slice(0, name.indexOf(" ")));
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
