/** Writes a synthetic shop to a database or a folder, and says what was written. */
import { writeFile } from "node:fs/promises";
import { expectedRows } from "../../generator/expected.ts";
import { requireSame, type Wanted } from "../../generator/record.ts";
import type { ShopTarget } from "../../generator/target.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { CliContext } from "../context.ts";
import { showLoad } from "../terminal/load-progress.ts";
import { counted } from "../terminal/style.ts";
import type { ShopChoice } from "./shop-size.ts";

export interface Filled {
  /** "loaded 1,000 customers, 500 products, ...", or that it is there already. */
  readonly summary: string;
  /** Rows per table that were written; none when all was there. */
  readonly rows: Readonly<Record<string, number>>;
  /** The last day. */
  readonly through: string;
}

/** Loads a shop into an empty place. One that is there is left as it is; when it is not the one that is wanted, that is an error. */
export async function fillShop(context: CliContext, target: ShopTarget, choice: ShopChoice): Promise<Filled> {
  const there = await target.record();
  if (there !== undefined) {
    requireSame(there, choice.wanted, target.where);
    return { summary: `the shop is there already, through ${there.until}`, rows: {}, through: there.until };
  }
  const through = choice.plan.until;
  const view = showLoad(context, expectedRows(choice.plan));
  try {
    const options = { signal: context.signal, onProgress: view.onProgress };
    const { rows } = await target.load(choice.plan, options);
    view.done();
    return { summary: `loaded ${listed(rows)}, through ${through}`, rows, through };
  } finally {
    view.close();
  }
}

/** Brings the shop one day on. A day that is there is left as it is. */
export async function bringOn(
  context: CliContext,
  target: ShopTarget,
  day: { readonly until: string; readonly wanted: Wanted },
): Promise<Filled> {
  const there = await target.record();
  if (there !== undefined) requireSame(there, day.wanted, target.where);
  const view = showLoad(context);
  try {
    const options = { signal: context.signal, onProgress: view.onProgress };
    const loaded = await target.bringOn(day.until, options);
    view.done();
    const through = loaded === undefined ? (there?.until ?? day.until) : day.until;
    if (loaded === undefined)
      return {
        summary: `${day.until} is there already: the shop goes through ${through}`,
        rows: {},
        through,
      };
    return { summary: `wrote ${listed(loaded.rows)} of ${day.until}`, rows: loaded.rows, through };
  } finally {
    view.close();
  }
}

/** Writes what is known about the shop that is there. */
export async function writeTruth(target: ShopTarget, file: string, timezone: string): Promise<void> {
  const { shopTruth } = await import("../../generator/truth-file.ts");
  const record = await target.record();
  if (record === undefined) throw new ShoplakeError("usage", "there is no shop", { where: target.where });
  await writeFile(file, `${JSON.stringify(shopTruth(record, timezone), undefined, 1)}\n`);
}

/** "1,000 customers, 500 products, ..." */
function listed(rows: Readonly<Record<string, number>>): string {
  return Object.entries(rows)
    .map(([table, count]) => counted(count, table.replaceAll("_", " ").replace(/s$/, "")))
    .join(", ");
}
