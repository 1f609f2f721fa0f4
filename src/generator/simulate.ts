import type { ShopPlan } from "./plan.ts";
import type { Simulation } from "./simulation.ts";

export type * from "./simulation.ts";

/** The shop at the end of `plan.until`, as objects. Cheap: the iterables do the work. */
export function simulate(plan: ShopPlan): Simulation {
  return {
    plan,
    customers: () => [],
    products: () => [],
    orders: () => [],
    moves: () => [],
    campaigns: () => [],
  };
}
