/** Fills a shop while a person watches, and says what was written. */
import { bringShopOn, type Filled, fillShop, type ShopChoice } from "../../app/shop.ts";
import { expectedRows } from "../../generator/expected.ts";
import type { LoadOptions, ShopTarget } from "../../generator/target.ts";
import type { CliContext } from "../context.ts";
import { type LoadView, showLoad } from "./load-progress.ts";
import { counted } from "./style.ts";

/** What came of it, with a line for a person. */
export interface Told extends Filled {
  /** "loaded 1,000 customers, 500 products, ...", or that it is there already. */
  readonly summary: string;
}

/** See `fillShop`. */
export async function fillAndTell(
  context: CliContext,
  target: ShopTarget,
  choice: ShopChoice,
): Promise<Told> {
  const view = showLoad(context, expectedRows(choice.plan));
  const { rows, through } = await watched(context, view, (options) => fillShop(target, choice, options));
  const isThere = Object.keys(rows).length === 0;
  const summary = isThere
    ? `the shop is there already, through ${through}`
    : `loaded ${listed(rows)}, through ${through}`;
  return { summary, rows, through };
}

/** See `bringShopOn`. */
export async function bringOnAndTell(
  context: CliContext,
  target: ShopTarget,
  day: Parameters<typeof bringShopOn>[1],
): Promise<Told> {
  const view = showLoad(context);
  const { rows, through } = await watched(context, view, (options) => bringShopOn(target, day, options));
  const isThere = Object.keys(rows).length === 0;
  const summary = isThere
    ? `${day.until} is there already: the shop goes through ${through}`
    : `wrote ${listed(rows)} of ${day.until}`;
  return { summary, rows, through };
}

async function watched(
  { signal }: CliContext,
  view: LoadView,
  load: (options: LoadOptions) => Promise<Filled>,
): Promise<Filled> {
  try {
    const filled = await load({ signal, onProgress: view.onProgress });
    view.done();
    return filled;
  } finally {
    view.close();
  }
}

/** "1,000 customers, 500 products, ..." */
function listed(rows: Readonly<Record<string, number>>): string {
  return Object.entries(rows)
    .map(([table, count]) => counted(count, table.replaceAll("_", " ").replace(/s$/, "")))
    .join(", ");
}
