import { rowsThrough } from "./growth.ts";
import { dayStart, type ShopPlan } from "./plan.ts";
import { longestCampaign } from "./simulation/campaign-plan.ts";
import { campaignOf, campaignTotals } from "./simulation/campaigns.ts";
import { customerOf } from "./simulation/customers.ts";
import { emptyStock, movesOf, type Stock } from "./simulation/inventory.ts";
import { arrivedSince, linesOf, longestLife, orderOf } from "./simulation/orders.ts";
import { productOf } from "./simulation/products.ts";
import type { Move, TableSimulation } from "./simulation.ts";
import { openWorld, type World } from "./world.ts";

export type * from "./simulation.ts";

/** The shop at the end of `plan.until`, as objects. Cheap by itself: the iterables do the work. */
export function simulate(plan: ShopPlan): TableSimulation {
  return simulation(plan, Number.NEGATIVE_INFINITY);
}

/** Only what was inserted or changed on the day `plan.until`; orders also when one of their lines was. */
export function simulateDay(plan: ShopPlan): TableSimulation {
  return simulation(plan, dayStart(plan.until));
}

function simulation(plan: ShopPlan, since: number): TableSimulation {
  const world = openWorld(plan);
  const back = (days: number) => (since < world.start ? 0 : Math.max(0, world.lastDay - days));
  const isNew = ({ updatedAt }: { readonly updatedAt: number }) => updatedAt >= since;
  const warehouse = once(() => runWarehouse(world, since));
  return {
    plan,
    since,
    customers: () => rows(rowsThrough(world.customers, world.lastDay), (id) => customerOf(world, id), isNew),
    *products() {
      const { stock } = warehouse();
      yield* rows(rowsThrough(world.products, world.lastDay), (id) => productOf(world, stock, id), isNew);
    },
    *orders() {
      for (const placed of arrivedSince(world, back(longestLife))) {
        const order = orderOf(world, placed);
        if (isNew(order) || order.lines.some(isNew)) yield order;
      }
    },
    *lines() {
      for (const placed of arrivedSince(world, back(longestLife)))
        for (const line of linesOf(world, placed)) if (isNew(line)) yield line;
    },
    *moves() {
      if (since < world.start) yield* movesOf(world, emptyStock(world));
      else yield* warehouse().newMoves;
    },
    *campaigns() {
      const totals = campaignTotals(world, back(longestCampaign + 10));
      yield* rows(rowsThrough(world.campaigns, world.lastDay), (id) => campaignOf(world, totals, id), isNew);
    },
  };
}

/** All moves, for the stock that they leave; those of a single day are kept. */
function runWarehouse(
  world: World,
  since: number,
): { readonly stock: Stock; readonly newMoves: readonly Move[] } {
  const stock = emptyStock(world);
  const newMoves: Move[] = [];
  for (const move of movesOf(world, stock)) if (since >= world.start && move.at >= since) newMoves.push(move);
  return { stock, newMoves };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function* rows<T>(count: number, row: (id: number) => T, wanted: (row: T) => boolean): Generator<T> {
  for (let id = 1; id <= count; id++) {
    const made = row(id);
    if (wanted(made)) yield made;
  }
}
