/** The bronze datasets that a configuration alone makes known. */
import { bronzeName } from "../api/datasets.ts";
import type { Project } from "./project.ts";

/** A bronze dataset that a source fills. */
export interface BronzeTable {
  /** "bronze.shop_orders" */
  readonly dataset: string;
  /** Name of the source in the project. */
  readonly source: string;
  /** Name of the table at the source; "*": all that are not named. */
  readonly table: string;
}

/** In the order of the configuration. */
export function bronzeTables(sources: Project["sources"]): BronzeTable[] {
  return Object.entries(sources).flatMap(([source, { tables }]) =>
    tables.map(({ name }) => ({ dataset: bronzeName(source, name), source, table: name })),
  );
}
