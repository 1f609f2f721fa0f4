/** The bad rows of a simulated shop, one by one. */
import type { FaultyTable } from "./fault-kinds.ts";
import type { Simulation } from "./simulation.ts";

/** A row that is wrong on purpose. */
export interface BadRow {
  /** Source table. */
  readonly table: FaultyTable;
  /** The row's key. */
  readonly id: number;
  /** One of the kinds of its table. */
  readonly fault: string;
}

/** Goes through all rows. `onRow` is called for each of them, good or bad. */
export function* badRows(simulation: Simulation, onRow?: (table: FaultyTable) => void): Generator<BadRow> {
  for (const [table, row] of allRows(simulation)) {
    onRow?.(table);
    if (row.fault !== undefined) yield { table, id: row.id, fault: row.fault };
  }
}

/** How many rows have each fault: { "orders.negative_total": 10, ... }. */
export function countFaults(simulation: Simulation): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { table, fault } of badRows(simulation))
    counts[`${table}.${fault}`] = (counts[`${table}.${fault}`] ?? 0) + 1;
  return counts;
}

interface Row {
  readonly id: number;
  readonly fault?: string;
}

function* allRows(simulation: Simulation): Generator<readonly [FaultyTable, Row]> {
  for (const row of simulation.customers()) yield ["customers", row];
  for (const row of simulation.products()) yield ["products", row];
  for (const row of simulation.campaigns()) yield ["marketing_campaigns", row];
  for (const order of simulation.orders()) {
    yield ["orders", order];
    for (const line of order.lines) yield ["order_items", line];
  }
  for (const row of simulation.moves()) yield ["inventory_transactions", row];
}
