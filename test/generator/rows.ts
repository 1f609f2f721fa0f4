/** A generated shop as tables in memory, which tests compare. */

import { planThrough, type ShopPlan } from "../../src/generator/plan.ts";
import { nextDay } from "../../src/generator/record.ts";
import { simulate, simulateDay } from "../../src/generator/simulate.ts";
import type { TableSimulation } from "../../src/generator/simulation.ts";
import { shopTables } from "../../src/generator/tables/index.ts";

/** Table -> key -> the row as text. */
export type Tables = Map<string, Map<unknown, string>>;

export function fullTables(plan: ShopPlan): Tables {
  return upsert(new Map(), simulate(plan));
}

/** Writes what happened on the day after `plan.until` over the rows; gives the plan that goes through that day. */
export function nextDayOver(tables: Tables, plan: ShopPlan): ShopPlan {
  const next = planThrough(plan, nextDay(plan));
  upsert(tables, simulateDay(next));
  return next;
}

function upsert(tables: Tables, simulation: TableSimulation): Tables {
  for (const table of shopTables(simulation)) {
    const rows = tables.get(table.name) ?? new Map<unknown, string>();
    const at = Object.keys(table.columns).indexOf(table.key);
    for (const row of table.rows()) rows.set(row[at], JSON.stringify(row));
    tables.set(table.name, rows);
  }
  return tables;
}

/** In the order of their keys. */
export function sorted(tables: Tables): Record<string, string[]> {
  return Object.fromEntries(
    [...tables].map(([name, rows]) => [
      name,
      [...rows].sort(([a], [b]) => Number(a) - Number(b)).map(([, row]) => row),
    ]),
  );
}

export function groupBy<Row, Key>(rows: Iterable<Row>, keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
