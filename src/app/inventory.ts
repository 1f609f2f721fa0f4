/** What datasets a project has, as far as its files and its lake tell. No source is asked and nothing is resolved. */
import { layerOf } from "../api/datasets.ts";
import type { OpenedHost } from "../host/host.ts";
import { bronzeTables } from "../project/bronze-tables.ts";
import type { Model } from "../project/project.ts";

/** By name, bronze first: the model that makes it, as its file says; undefined for bronze and for a model that cannot be read. */
export type Inventory = ReadonlyMap<string, Model | undefined>;

/** Throws nothing for files with problems: their datasets are listed all the same. */
export async function inventoryOf(host: OpenedHost): Promise<Inventory> {
  const { project, broken } = host.files();
  const declared = bronzeTables(host.config.sources)
    .filter(({ table }) => table !== "*")
    .map(({ dataset }) => dataset);
  const inLake = (await host.lake.datasets()).filter((dataset) => layerOf(dataset) === "bronze");
  const bronze = [...new Set([...declared, ...inLake])].sort();
  return new Map<string, Model | undefined>([
    ...[...bronze, ...broken].map((dataset) => [dataset, undefined] as const),
    ...(project?.models ?? []).map((model) => [model.dataset, model] as const),
  ]);
}
