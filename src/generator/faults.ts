/** Which rows are bad on purpose: in each block of rows one row of each kind, at places that chance chose for the block. */
import { type FaultOf, type FaultyTable, faultKinds } from "./fault-kinds.ts";
import type { ShopPlan } from "./plan.ts";
import { streamKey, unit } from "./random.ts";

interface FaultRule {
  readonly kinds: readonly string[];
  /** Rows of a block; 0 when no row is bad. */
  readonly block: number;
  /** Rows from one bad row of a block to the next. */
  readonly distance: number;
  readonly key: number;
}

/** For each table, which of its rows are bad. */
export type FaultRules = Readonly<Record<FaultyTable, FaultRule>>;

/** Items are counted by their orders, three each, since the first item of an order is the one that is bad. */
export function faultRules(plan: ShopPlan, fullScale: Readonly<Record<FaultyTable, number>>): FaultRules {
  const rule = (table: FaultyTable): FaultRule => {
    const kinds = faultKinds[table];
    const perRow = table === "order_items" ? 3 : 1;
    const expected = Math.floor((fullScale[table] * plan.scale) / perRow) - 1;
    const wanted = Math.floor(1000 / plan.faults / perRow);
    const block = plan.faults === 0 ? 0 : Math.max(kinds.length, Math.min(wanted, expected));
    const distance = Math.floor(block / kinds.length);
    return { kinds, block, distance, key: streamKey(plan.seed, `faults of ${table}`) };
  };
  const tables = Object.keys(faultKinds) as FaultyTable[];
  return Object.fromEntries(tables.map((table) => [table, rule(table)])) as FaultRules;
}

/** The fault of a table's row number `row` (from 1; of items: of their order); undefined for a good row. The first row is good. */
export function faultOf<Table extends FaultyTable>(
  { faults, plan }: { readonly faults: FaultRules; readonly plan: ShopPlan },
  table: Table,
  row: number,
): FaultOf<Table> | undefined {
  const { kinds, block, distance, key } = faults[table];
  if (block === 0 || row < 2) return undefined;
  const place = (row - 2) % block;
  const shift = Math.floor(unit(key, (row - 2 - place) / block) * block);
  const slot = (place + shift) % block;
  if (slot % distance !== 0) return undefined;
  const kind = kinds[slot / distance] as FaultOf<Table> | undefined;
  return kind === "wrong_type" && !plan.files ? undefined : kind;
}
