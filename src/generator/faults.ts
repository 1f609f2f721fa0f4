/** Which rows are bad on purpose. Every kind of fault takes rows of its own, spread evenly. */
import type { ShopPlan } from "./options.ts";

export const faultKinds = {
  customers: ["duplicate_email", "invalid_email", "future_registration"],
  products: ["price_below_cost"],
  orders: ["negative_total", "fulfilled_too_early"],
  order_items: ["orphan", "wrong_line_total"],
} as const;

export type FaultyTable = keyof typeof faultKinds;
export type FaultOf<Table extends FaultyTable> = (typeof faultKinds)[Table][number];

/** The fault of row `id` (from 1) of a table with `count` rows; undefined for a good row. */
export function faultOf<Table extends FaultyTable>(
  { faults }: Pick<ShopPlan, "faults">,
  table: Table,
  id: number,
  count: number,
): FaultOf<Table> | undefined {
  if (faults <= 0) return undefined;
  const kinds: readonly FaultOf<Table>[] = faultKinds[table];
  const period = Math.max(kinds.length + 1, Math.min(Math.floor(1000 / faults), count));
  const slot = (id - 1) % period;
  const step = Math.max(1, Math.floor(period / (kinds.length + 1)));
  return slot > 0 && slot % step === 0 ? kinds[slot / step - 1] : undefined;
}
