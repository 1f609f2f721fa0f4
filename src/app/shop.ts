/** A synthetic shop in a database or a folder: filled, brought on by a day, and what is known about it. */
import type { ShopPlan } from "../generator/plan.ts";
import { requireSame, type Wanted } from "../generator/record.ts";
import type { LoadOptions, ShopTarget } from "../generator/target.ts";
import { ShoplakeError } from "../util/errors.ts";
import { writeWhole } from "../util/write-file.ts";

/** Which shop is wanted. */
export interface ShopChoice {
  /** The whole shop that is to be made when there is none. */
  readonly plan: ShopPlan;
  /** What was asked for in so many words: what a shop that is there must be like. */
  readonly wanted: Wanted;
}

/** What came of it. */
export interface Filled {
  /** Rows per table that were written; none when all was there. */
  readonly rows: Readonly<Record<string, number>>;
  /** The last day of the shop. */
  readonly through: string;
}

/** Loads a shop into an empty place. One that is there is left; throws `usage` when it is not the one that is wanted. */
export async function fillShop(
  target: ShopTarget,
  { plan, wanted }: ShopChoice,
  options: LoadOptions,
): Promise<Filled> {
  const there = await target.record();
  if (there !== undefined) {
    requireSame(there, wanted, target.where);
    return { rows: {}, through: there.until };
  }
  const { rows } = await target.load(plan, options);
  return { rows, through: plan.until };
}

/** Brings the shop on to its next day, `until`. A day that is there is left. Throws `usage` for a later day, or another shop. */
export async function bringShopOn(
  target: ShopTarget,
  { until, wanted }: { readonly until: string; readonly wanted: Wanted },
  options: LoadOptions,
): Promise<Filled> {
  const there = await target.record();
  if (there !== undefined) requireSame(there, wanted, target.where);
  const loaded = await target.bringOn(until, options);
  if (loaded === undefined) return { rows: {}, through: there?.until ?? until };
  return { rows: loaded.rows, through: until };
}

/** Writes what is known about the shop that is there: bad rows, right values of KPIs by days of the timezone. Throws `usage`, `io`. */
export async function writeTruth(target: ShopTarget, file: string, timezone: string): Promise<void> {
  const { shopTruth } = await import("../generator/truth-file.ts");
  const record = await target.record();
  if (record === undefined) throw new ShoplakeError("usage", "there is no shop", { where: target.where });
  await writeWhole(file, `${JSON.stringify(shopTruth(record, timezone), undefined, 1)}\n`);
}
