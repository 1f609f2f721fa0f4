/** The columns of a file. Of a faulty shop's daily files one in twenty lacks a column, and one in twenty has one more. */
import { day, dayStart, type ShopPlan } from "../plan.ts";
import { streamKey, unit } from "../random.ts";
import { simulateDay } from "../simulate.ts";
import type { ShopTable } from "../tables/index.ts";
import { orderItemsTable } from "../tables/order-items.ts";

/** What can be wrong with the columns of a whole file. */
export type ColumnFault = "missing_column" | "extra_column";

/** The columns of one file, which may differ from those of its table. */
export interface FileColumns {
  /** Positions in the table's rows. */
  readonly kept: readonly number[];
  /** Names, in the order of the file. */
  readonly names: readonly string[];
  /** A value that every row has at its end. */
  readonly extra: string | undefined;
}

/** The name of the column that is one too many. */
const extraName = "import_batch";

/** `loaded`: the day of the file that holds the whole shop, which has the right columns. */
export function columnFault(
  plan: ShopPlan,
  table: Pick<ShopTable, "name">,
  loaded: string,
): ColumnFault | undefined {
  if (plan.faults === 0 || plan.until === loaded) return undefined;
  const chance = unit(streamKey(plan.seed, `columns of ${table.name}`), dayStart(plan.until) / day);
  if (chance < 0.05) return isNeeded(plan, table) ? undefined : "missing_column";
  return chance < 0.1 ? "extra_column" : undefined;
}

/** The day of a return is in KPIs, and nobody could know it without the column: it is there when something came back on that day. */
function isNeeded(plan: ShopPlan, { name }: Pick<ShopTable, "name">): boolean {
  if (name !== orderItemsTable.name) return false;
  for (const { returnedAt } of simulateDay(plan).lines()) if (returnedAt !== null) return true;
  return false;
}

/** `loaded` is the day through which the shop was written at once: only files of later days are faulty. */
export function fileColumns(plan: ShopPlan, table: ShopTable, loaded: string): FileColumns {
  const fault = columnFault(plan, table, loaded);
  const names = Object.keys(table.columns);
  const kept = names.flatMap((name, index) =>
    fault === "missing_column" && name === table.optional ? [] : [index],
  );
  const extra = fault === "extra_column" ? `${table.name} ${plan.until}` : undefined;
  const keptNames = kept.map((index) => names[index] ?? "");
  return { kept, names: extra === undefined ? keptNames : [...keptNames, extraName], extra };
}
