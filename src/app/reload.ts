/** Reading sources from the start, or delivering all rows anew: what is asked of a run. */

import type { PlanOptions } from "../api/plan.ts";
import type { Catalogue } from "../pipeline/index.ts";
import { ShoplakeError } from "../util/errors.ts";
import { named } from "../util/named.ts";

/**
 * Options of a run that reloads tables of sources ("bronze.shop_orders") or deliveries ("reporting:gold.sales"). Throws `usage`
 * for an unknown name, and for a dataset that a model makes.
 */
export function reloadOptions({ graph }: Pick<Catalogue, "graph">, given: readonly string[]): PlanOptions {
  const nodes = new Map(graph.map((node) => [node.dataset, node]));
  const chosen = given.map((name) => named("dataset", name, nodes));
  for (const { dataset, work } of chosen)
    if (work.kind === "model")
      throw new ShoplakeError("usage", `${dataset} is made by a model: there is nothing to read again`, {
        allowed: "tables of sources (bronze.shop_orders), deliveries (reporting:gold.sales)",
        hint: `shoplake run ${dataset} --full-refresh`,
      });
  return { select: chosen.map(({ dataset }) => dataset), reload: true };
}
