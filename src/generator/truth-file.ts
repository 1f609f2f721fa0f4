/** What is known about a generated shop: how many rows there are, which of them are bad, and what its numbers must be. */

import { type BadRow, badRows } from "./fault-list.ts";
import { columnFault } from "./files/columns.ts";
import { day, dayStart, dayText, type ShopPlan } from "./plan.ts";
import type { ShopRecord } from "./record.ts";
import { simulate } from "./simulate.ts";
import { tableNames } from "./tables/index.ts";
import { truthOf } from "./truth/truth.ts";

/** A file whose columns are not those of its table. */
export interface BadFile {
  /** Source table that it belongs to. */
  readonly table: string;
  /** A column too few or too many. */
  readonly fault: "missing_column" | "extra_column";
  /** The beginning of the file's path: "orders/orders-2026-06-30". */
  readonly file: string;
}

/** What a data platform should find in the shop. The content of the truth file. */
export interface ShopTruth extends Omit<ReturnType<typeof truthOf>, "rows"> {
  /** The shop that it is about. */
  readonly options: ShopPlan;
  /** The last day. */
  readonly through: string;
  /** Source table -> rows at the end of that day. */
  readonly rows: Readonly<Record<string, number>>;
  /** All of them: bad rows by table and id, then bad files by day. */
  readonly faults: readonly (BadRow | BadFile)[];
  /** Dataset of the commerce template -> rows. */
  readonly datasets: Readonly<Record<string, number>>;
}

/** Goes through the whole shop twice. `timezone`: IANA name of the reporting days. */
export function shopTruth({ loaded, ...plan }: ShopRecord, timezone: string): ShopTruth {
  const simulation = simulate(plan);
  const rows: Record<string, number> = Object.fromEntries(tableNames.map((name) => [name, 0]));
  const faults: (BadRow | BadFile)[] = [
    ...badRows(simulation, (table) => {
      rows[table] = (rows[table] ?? 0) + 1;
    }),
    ...(plan.files ? badFiles(plan, loaded) : []),
  ];
  const { rows: datasets, ...truth } = truthOf(simulation, {
    currency: plan.currency,
    today: plan.until,
    timezone,
  });
  return { options: plan, through: plan.until, rows, faults, datasets, ...truth };
}

function badFiles(plan: ShopPlan, loaded: string): BadFile[] {
  const days = (dayStart(plan.until) - dayStart(loaded)) / day;
  return Array.from({ length: days }, (_, index) => dayText(dayStart(loaded) + (index + 1) * day)).flatMap(
    (until) =>
      tableNames.flatMap((name) => {
        const fault = columnFault({ ...plan, until }, { name }, loaded);
        return fault === undefined ? [] : [{ table: name, fault, file: `${name}/${name}-${until}` }];
      }),
  );
}
